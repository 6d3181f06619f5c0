"""What services raise; `error_responses` turns it into answers of the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FieldErrors = Mapping[str, Sequence[str]]


class ProductError(Exception):
    """Something a caller did that cannot be done; `str()` is a sentence for people.

    Args:
        message: what was wrong, where, and what to do.
        fields: messages by the name of the field they belong to, for forms and `validation_errors`.
        details: more members of the API's error document, for programs.
    """

    status_code = 400

    def __init__(
        self, message: str, *, fields: FieldErrors | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = dict(details or {})
        self.fields: dict[str, list[str]] = {name: list(texts) for name, texts in (fields or {}).items()}


class ValidationFailed(ProductError):
    """The input itself is wrong."""


class NotFound(ProductError):
    """There is no such thing, or the caller may not know of it."""

    status_code = 404


class NotAllowed(ProductError):
    """The caller sees the thing but may not do this to it."""

    status_code = 403


class Conflict(ProductError):
    """The thing changed in the meantime; reading it again and retrying can help."""

    status_code = 409


class TooLarge(ProductError):
    """The body or file is larger than this server takes."""

    status_code = 413


class TooManyRequests(ProductError):
    """The caller, or everybody at the caller's address, does this too often."""

    status_code = 429
