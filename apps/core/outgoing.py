"""The one client for requests that leave this server: where to, how long and how much are bounded.

Every URL that a person can choose (imports, ML backends, webhooks, storage endpoints) is read through it. Each
hop's name is resolved once, every address is checked, and the connection goes to the checked address itself.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from io import SEEK_END
from typing import IO
from urllib.parse import urljoin

from django.conf import settings
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_match_hostname import CertificateError

from apps.core.errors import TooLarge, ValidationFailed
from apps.core.outgoing_addresses import OutgoingRefused, Target, parse_target, resolve
from apps.core.version import VERSION

BLOCK = 1 << 16
MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECTS_THAT_KEEP_THE_METHOD = frozenset({307, 308})
_CROSS_ORIGIN_SECRETS = frozenset({"authorization", "cookie", "x-api-key"})


class OutgoingFailed(ValidationFailed):
    """The other side could not be reached, was too slow, or answered with an error; its words are not shown."""


class OutgoingUnreachable(OutgoingFailed):
    """No connection came about."""


class OutgoingUntrusted(OutgoingUnreachable):
    """The other side's certificate is not valid."""


class OutgoingTimeout(OutgoingFailed):
    """The time of the call was over before its end."""


class OutgoingTooLarge(TooLarge):
    """The other side sent more than the caller takes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may cost.

    Args:
        seconds: for everything, from the first look-up to the last byte.
        connect_seconds: for the connection alone.
        max_bytes: of the body, after decompression.
    """

    seconds: float = 60.0
    connect_seconds: float = 5.0
    max_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True)
class OutgoingRequest:
    """A request to be sent.

    Args:
        allowed_hosts: further `host:port` pairs that may be inner ones, for this call alone.
        allowed_methods: which methods this caller may use at all.
        body: bytes, or a file that is sent from its beginning, with its length.
        secret_headers: further names, in lower case, that a redirect to another origin does not get.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | IO[bytes] | None = None
    limits: Limits = field(default_factory=Limits)
    allowed_hosts: frozenset[str] = frozenset()
    allowed_methods: frozenset[str] = frozenset({"GET", "HEAD"})
    secret_headers: frozenset[str] = frozenset()


class OutgoingResponse:
    """An answer whose body is still to be read, within the limits."""

    def __init__(self, response: BaseHTTPResponse, url: str, deadline: _Deadline, limits: Limits) -> None:
        self.status = response.status
        self.url = url
        self.headers = response.headers
        self._response = response
        self._deadline = deadline
        self._limits = limits

    def blocks(self) -> Iterator[bytes]:
        """Yield the decompressed body.

        Raises:
            OutgoingTooLarge: it goes over `max_bytes`.
            OutgoingFailed: it breaks off, cannot be decompressed, or takes too long.
        """
        declared = self.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > self._limits.max_bytes:
            raise self._too_large()
        received = 0
        while block := self._read():
            received += len(block)
            if received > self._limits.max_bytes:
                raise self._too_large()
            yield block
        self._deadline.check()

    def read(self) -> bytes:
        """Return the whole body; raises as `blocks`."""
        return b"".join(self.blocks())

    def _read(self) -> bytes:
        try:
            return self._response.read1(BLOCK, decode_content=True)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            self._deadline.check()
            raise OutgoingFailed(
                "The answer broke off or cannot be decompressed. Try again later."
            ) from error

    def _too_large(self) -> OutgoingTooLarge:
        return OutgoingTooLarge(
            f"What the URL gives is larger than {self._limits.max_bytes:,} bytes, which is the most"
            " this server reads from an address."
        )


class _Deadline:
    """Ends a call when its time is over, whatever it waits for: the socket is shut under it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._ends_at = time.monotonic() + limits.seconds

    def left(self) -> float:
        self.check()
        return self._ends_at - time.monotonic()

    def check(self) -> None:
        """Raises OutgoingTimeout when the time is over."""
        if time.monotonic() >= self._ends_at:
            raise OutgoingTimeout(f"The other side took longer than {self._limits.seconds:g} seconds.")

    @contextmanager
    def watching(self, connection: HTTPConnection) -> Iterator[None]:
        """Shut the connection at the deadline; one byte a second would otherwise go on for ever."""
        timer = threading.Timer(self.left(), _shut, [connection.sock])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):  # the other side was faster
        sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def send(request: OutgoingRequest) -> Iterator[OutgoingResponse]:
    """Send a request, follow up to three redirects, and give the answer, whatever its status.

    Raises:
        OutgoingRefused: a hop's address, scheme or method is not allowed; that hop got no byte.
        OutgoingFailed: no connection, no valid answer, or the time was over.
    """
    if request.method not in request.allowed_methods:
        raise OutgoingRefused(f"Requests of the method {request.method} are not sent from here.")
    deadline = _Deadline(request.limits)
    method, url, headers, body = request.method, request.url, dict(request.headers), request.body
    for _ in range(MAX_REDIRECTS + 1):
        target = parse_target(url)
        connection = _connect(target, request, deadline)
        with _closing(connection), deadline.watching(connection):
            response = _ask(connection, target, method, headers, body, deadline)
            location = response.headers.get("Location")
            if response.status not in _REDIRECTS or location is None:
                yield OutgoingResponse(response, url, deadline, request.limits)
                return
            if response.status not in _REDIRECTS_THAT_KEEP_THE_METHOD and method != "HEAD":
                method, body = "GET", None
        url, headers = _next_hop(
            target, url, location, headers, _CROSS_ORIGIN_SECRETS | request.secret_headers
        )
    raise OutgoingRefused(f"The URL redirects more than {MAX_REDIRECTS} times.")


@contextmanager
def fetch(
    url: str, *, limits: Limits, allowed_hosts: frozenset[str] = frozenset()
) -> Iterator[OutgoingResponse]:
    """Give a successful answer to a GET; raises as `send`, and OutgoingFailed for any status but 2xx."""
    with send(OutgoingRequest(url, limits=limits, allowed_hosts=allowed_hosts)) as response:
        if not 200 <= response.status < 300:
            raise OutgoingFailed(f"The URL answered with the status {response.status}.")
        yield response


@contextmanager
def _closing(connection: HTTPConnection) -> Iterator[None]:
    try:
        yield
    finally:
        connection.close()


def _next_hop(
    before: Target, url: str, location: str, headers: dict[str, str], secrets: frozenset[str]
) -> tuple[str, dict[str, str]]:
    try:
        url = urljoin(url, location)
    except ValueError as error:
        raise OutgoingFailed("The URL redirects to something that is no URL.") from error
    after = parse_target(url)
    if before.scheme == "https" and after.scheme == "http":
        raise OutgoingRefused("The URL redirects from https to http, which would give the secrecy away.")
    if (before.scheme, before.host_and_port) == (after.scheme, after.host_and_port):
        return url, headers
    return url, {name: text for name, text in headers.items() if name.lower() not in secrets}


def _connect(target: Target, request: OutgoingRequest, deadline: _Deadline) -> HTTPConnection:
    """Connect to the first checked address that answers."""
    allowed = frozenset(settings.OUTGOING_ALLOWED_HOSTS) | request.allowed_hosts
    for address in resolve(target, allowed_hosts=allowed):
        connection = _connection(target, address)
        connection.timeout = min(request.limits.connect_seconds, deadline.left())
        try:
            connection.connect()
        except (ssl.SSLError, CertificateError) as error:
            connection.close()
            cause = getattr(error, "verify_message", "") or "it speaks no TLS, or for another host"
            raise OutgoingUntrusted(
                f"{target.host_and_port} cannot be trusted, its certificate is not valid: {cause}."
            ) from error
        except (HTTPError, OSError):
            connection.close()
            continue
        connection.sock.settimeout(deadline.left())
        return connection
    deadline.check()
    raise OutgoingUnreachable(f"{target.host_and_port} does not accept a connection.")


def _connection(target: Target, address: str) -> HTTPConnection:
    if target.scheme == "http":
        return HTTPConnection(address, target.port)
    return HTTPSConnection(
        address,
        target.port,
        server_hostname=target.host,
        assert_hostname=target.host,
        ssl_context=ssl.create_default_context(),
    )


def _ask(
    connection: HTTPConnection,
    target: Target,
    method: str,
    headers: dict[str, str],
    body: bytes | IO[bytes] | None,
    deadline: _Deadline,
) -> BaseHTTPResponse:
    sent = {
        "User-Agent": f"label-studio-server/{VERSION}",
        "Accept-Encoding": "gzip, deflate, identity",
        **headers,
        "Host": target.host_header,
    }
    if body is not None and not isinstance(body, bytes):
        sent["Content-Length"] = str(body.seek(0, SEEK_END))
        body.seek(0)
    try:
        connection.request(
            method, target.path, body=body, headers=sent, preload_content=False, decode_content=False
        )
        return connection.getresponse()
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        deadline.check()
        raise OutgoingFailed(f"{target.host_and_port} gave no valid answer.") from error
