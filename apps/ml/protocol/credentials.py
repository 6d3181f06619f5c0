"""Whether what this server is to show a backend can be sent at all."""

from __future__ import annotations

import re

from apps.core.errors import ValidationFailed
from apps.ml.models import AuthMethod, MLBackend

MAX_SECRET_CHARACTERS = 4_000
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PLAIN = re.compile(r"[\x20-\x7e]*")
# Headers by which HTTP itself works, or which this server sets.
_RESERVED = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "accept", "accept-encoding",
     "expect", "upgrade", "te", "trailer", "user-agent"}
)  # fmt: skip


def check_credentials(backend: MLBackend, secret: str | None) -> None:
    """Let a backend pass whose credentials can be sent.

    Args:
        secret: in plain text, if it is given anew.

    Raises:
        ValidationFailed: they cannot.
    """
    if secret is not None and len(secret) > MAX_SECRET_CHARACTERS:
        raise _wrong("auth_secret", f"It is longer than {MAX_SECRET_CHARACTERS:,} characters.")
    if backend.auth_method == AuthMethod.BASIC_AUTH:
        if not backend.auth_name or ":" in backend.auth_name:
            raise _wrong("auth_name", "Give the user's name, without a colon.")
        if any(ord(character) < 0x20 for character in f"{backend.auth_name}{secret or ''}"):
            raise _wrong("auth_secret", "User name and password hold no control characters.")
    if backend.auth_method == AuthMethod.HEADER:
        _check_header(backend, secret)


def _check_header(backend: MLBackend, secret: str | None) -> None:
    if not _HEADER_NAME.fullmatch(backend.auth_name) or backend.auth_name.lower() in _RESERVED:
        raise _wrong("auth_name", "Give the header's name, such as Authorization or X-API-Key.")
    if secret is not None and not _PLAIN.fullmatch(secret):
        raise _wrong("auth_secret", "A header holds letters, digits and signs of ASCII only.")
    if not backend.auth_secret:
        raise _wrong("auth_secret", "Give the header's value.")


def _wrong(field: str, message: str) -> ValidationFailed:
    return ValidationFailed(message, fields={field: [message]})
