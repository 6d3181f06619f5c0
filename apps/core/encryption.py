"""Secrets that must be read again (passwords of ML backends, keys of storages), encrypted for the database.

Fernet (AES-128-CBC with an HMAC; https://github.com/fernet/spec) under keys derived from SECRET_KEY with HKDF.
What was written under a key of SECRET_KEY_FALLBACKS is still read, so a rotated key loses nothing.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

from apps.core.errors import ValidationFailed

_PURPOSE = b"label-studio-server: secrets at rest"


class SecretUnreadable(ValidationFailed):
    """A stored secret was encrypted under a SECRET_KEY that this server does not know."""


def encrypt(secret: str) -> str:
    """Return `secret` for the database; "" stays ""."""
    return _fernet().encrypt(secret.encode()).decode("ascii") if secret else ""


def decrypt(stored: str) -> str:
    """Return what was given to `encrypt`.

    Raises:
        SecretUnreadable: it was encrypted under another key, or altered.
    """
    if not stored:
        return ""
    try:
        return _fernet().decrypt(stored.encode("ascii")).decode()
    except (InvalidToken, UnicodeError):
        raise SecretUnreadable(
            "A stored password cannot be read: SECRET_KEY has changed. Enter it again, or put the former key"
            " into SECRET_KEY_FALLBACKS."
        ) from None


def _fernet() -> MultiFernet:
    return MultiFernet(
        [Fernet(_derive(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _derive(secret_key: str | bytes) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(force_bytes(secret_key))
    return base64.urlsafe_b64encode(derived)
