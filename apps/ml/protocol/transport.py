"""One request to an ML backend and its JSON answer, or an error that says what to do."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import orjson
from django.utils.text import Truncator

from apps.core.encryption import decrypt
from apps.core.errors import ProductError
from apps.core.json import dumps
from apps.core.outgoing import (
    Limits,
    OutgoingFailed,
    OutgoingRequest,
    OutgoingTimeout,
    OutgoingTooLarge,
    OutgoingUnreachable,
    OutgoingUntrusted,
    send,
)
from apps.core.outgoing_addresses import OutgoingRefused
from apps.ml.models import AuthMethod, MLBackend
from apps.ml.protocol.addresses import allowed_hosts, how_to_allow
from apps.ml.protocol.errors import (
    BackendError,
    BackendFailed,
    BadReply,
    NotSupported,
    Refused,
    RefusedCredentials,
    TooSlow,
    Unreachable,
    excerpt,
)

CONNECT_SECONDS = 3.0
MAX_REPLY_BYTES = 32 << 20
SPOOLED_BYTES = 4 << 20
"""A larger body goes to disk before it is sent."""

_METHODS = frozenset({"GET", "POST"})
_ABSENT = frozenset({404, 405, 410, 501})
# What backends of some generations do not have; without the others they are none.
_OPTIONAL = frozenset({"train", "event", "is_training", "job_status", "versions"})
_DETAIL_CHARACTERS = 500
# The one thing that the strict reading lets pass and Postgres does not store; halves of surrogate pairs it refuses.
_NUL = rb"\u0000"


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer.

    Attributes:
        is_strict: whether it holds nothing but what JSON allows and Postgres stores; a lenient reading lets the rest
            pass, to say where it is.
    """

    status: int
    document: dict[str, Any]
    raw: bytes
    is_strict: bool = True


class Transport:
    """Sends requests to one backend under its credentials."""

    def __init__(self, backend: MLBackend) -> None:
        """Take a backend's address and credentials, stored or not.

        Raises:
            SecretUnreadable: the stored secret was encrypted under another key.
        """
        self.url = backend.url
        self.title = backend.title or backend.url
        self._secret = decrypt(backend.auth_secret)
        self._headers = _credentials(backend, self._secret)

    def get(self, path: str, *, call: str, seconds: float) -> Reply:
        """Return the answer to GET; raises as `post`."""
        return self._ask("GET", path, None, call, seconds, b"")

    def post(
        self, path: str, body: dict[str, Any], *, call: str, seconds: float, hidden: tuple[str, ...] = ()
    ) -> Reply:
        """Return the answer to POST.

        Args:
            call: what errors name it.
            hidden: keys of `body` whose values errors do not show.
            seconds: for everything, from the first look-up to the last byte.

        Raises:
            NotSupported: the backend has no such route, and need not have it.
            BackendError: anything else that is no JSON object with a status of 2xx.
        """
        content = dumps(body)
        shown = (
            dumps({key: "…" if key in hidden else value for key, value in body.items()})
            if hidden
            else content
        )
        return self._ask("POST", path, content, call, seconds, shown)

    def post_with_list(
        self,
        path: str,
        body: dict[str, Any],
        *,
        key: str,
        items: Iterable[dict[str, Any]],
        call: str,
        seconds: float,
    ) -> Reply:
        """Return the answer to POST of `body` with a list under `key`, which never is in memory as a whole.

        It goes through a temporary file rather than out in chunks: many servers of the Flask era read no chunks.
        """
        with SpooledTemporaryFile(max_size=SPOOLED_BYTES) as file:
            file.write(dumps(body)[:-1] + b"," + dumps(key) + b":[")
            for number, item in enumerate(items):
                file.write((b"," if number else b"") + dumps(item))
            file.write(b"]}")
            return self._ask("POST", path, file, call, seconds, dumps(body))

    def error(self, kind: type[BackendError], message: str, remedy: str, **more: Any) -> BackendError:
        """Return an error that names the backend."""
        return kind(f"ML backend “{self.title}”: {message}", remedy=remedy, **more)

    def shown(self, content: bytes | str) -> str:
        """Return an excerpt in which the secret does not stand, although the backend may echo it."""
        text = excerpt(content)
        return text.replace(self._secret, "…") if self._secret else text

    def _ask(
        self, method: str, path: str, body: bytes | IO[bytes] | None, call: str, seconds: float, shown: bytes
    ) -> Reply:
        sent = f"{method} {self.url}{path}" + (f"\n{self.shown(shown)}" if shown else "")
        try:
            status, raw = self._exchange(method, path, body, seconds)
        except ProductError as error:
            raise self._unanswered(error, call, sent, seconds) from error
        if not 200 <= status < 300:
            raise self._answered_with_error(status, raw, path, call, sent)
        return self._read(status, raw, path, call, sent)

    def _exchange(
        self, method: str, path: str, body: bytes | IO[bytes] | None, seconds: float
    ) -> tuple[int, bytes]:
        request = OutgoingRequest(
            self.url + path,
            method=method,
            headers={"Content-Type": "application/json", "Accept": "application/json", **self._headers},
            body=body,
            limits=Limits(seconds, min(seconds, CONNECT_SECONDS), MAX_REPLY_BYTES),
            allowed_hosts=allowed_hosts(self.url),
            allowed_methods=_METHODS,
            secret_headers=frozenset(name.lower() for name in self._headers),
        )
        with send(request) as response:
            return response.status, response.read()

    def _unanswered(self, error: ProductError, call: str, sent: str, seconds: float) -> BackendError:
        kind, remedy = _UNANSWERED[type(error)]
        message = error.message
        if isinstance(error, OutgoingRefused):
            message = message.split(" An operator can allow it:")[0]
        if isinstance(error, OutgoingTooLarge):
            message = f"its answer to /{call} is larger than {MAX_REPLY_BYTES >> 20} MB."
        if isinstance(error, OutgoingTimeout):
            message = f"it did not answer within {seconds:g} seconds (/{call})."
        return self.error(
            kind, message, remedy.format(allow=how_to_allow(self.url)), call=call, request_excerpt=sent
        )

    def _answered_with_error(self, status: int, raw: bytes, path: str, call: str, sent: str) -> BackendError:
        excerpts = {"call": call, "request_excerpt": sent, "response_excerpt": self.shown(raw)}
        if status in (401, 403):
            return self.error(
                RefusedCredentials,
                f"it refuses the credentials (status {status}).",
                "Enter the user name and password, or the header, that the backend was started with.",
                **excerpts,
            )
        if status in _ABSENT:
            return self.error(
                NotSupported if call in _OPTIONAL else BadReply,
                f"it has no {path.split('?')[0]} (status {status}).",
                "Check that the URL is the backend's own, without /predict, and that it is up to date.",
                **excerpts,
            )
        if 300 <= status < 400:
            return self.error(
                BadReply,
                f"it answers {path} with a redirect (status {status}) to nowhere.",
                "Give the URL that it redirects to.",
                **excerpts,
            )
        return self.error(
            BackendFailed,
            f"it answered {path.split('?')[0]} with the status {status}{self._detail(raw)}.",
            "Look into the backend's log: its model raised an error.",
            **excerpts,
        )

    def _read(self, status: int, raw: bytes, path: str, call: str, sent: str) -> Reply:
        try:
            document, is_strict = _parsed(raw)
        except (ValueError, RecursionError) as error:
            found = "a page of HTML" if raw.lstrip()[:1] == b"<" else "no valid JSON"
            raise self.error(
                BadReply,
                f"its answer to {path.split('?')[0]} is {found}; a JSON object was expected.",
                "Check that the URL is the backend's own and not that of a page, a proxy or a sign-in before it.",
                call=call,
                request_excerpt=sent,
                response_excerpt=self.shown(raw),
            ) from error
        if not isinstance(document, dict):
            raise self.error(
                BadReply,
                f"its answer to {path.split('?')[0]} is no JSON object.",
                "Check that the URL is that of an ML backend.",
                call=call,
                request_excerpt=sent,
                response_excerpt=self.shown(raw),
            )
        return Reply(status, document, raw, is_strict)

    def _detail(self, raw: bytes) -> str:
        """Return what a failed backend says of its failure, as `: …`."""
        try:
            document = orjson.loads(raw)
        except ValueError:
            return ""
        told = document.get("detail") or document.get("error") if isinstance(document, dict) else None
        if not isinstance(told, str) or not told:
            return ""
        return ": " + Truncator(self.shown(told).rstrip(". ")).chars(_DETAIL_CHARACTERS)


_UNANSWERED: dict[type[ProductError], tuple[type[BackendError], str]] = {
    OutgoingRefused: (Refused, "{allow}; or give a public address."),
    OutgoingUntrusted: (
        Unreachable,
        "Give the backend a certificate that is signed by a known authority and names its host.",
    ),
    OutgoingUnreachable: (
        Unreachable,
        "Start the backend, and check its host and port from the machine of this server.",
    ),
    OutgoingTimeout: (
        TooSlow,
        "Give it more seconds for this call, smaller batches, or a faster machine.",
    ),
    OutgoingTooLarge: (BadReply, "Ask for smaller batches, or have the model answer with less."),
    OutgoingFailed: (
        BadReply,
        "Look into the backend's log: it broke off in the middle of its answer, or speaks no HTTP.",
    ),
}


def _credentials(backend: MLBackend, secret: str) -> dict[str, str]:
    if backend.auth_method == AuthMethod.BASIC_AUTH:
        pair = base64.b64encode(f"{backend.auth_name}:{secret}".encode()).decode("ascii")
        return {"Authorization": f"Basic {pair}"}
    if backend.auth_method == AuthMethod.HEADER:
        return {backend.auth_name: secret}
    return {}


def _parsed(raw: bytes) -> tuple[Any, bool]:
    """Return the document, and whether it is strict: what is not is refused where it stands."""
    try:
        return orjson.loads(raw), _NUL not in raw
    except ValueError:
        return json.loads(raw), False
