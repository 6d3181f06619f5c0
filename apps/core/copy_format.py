"""Values as columns of Postgres' COPY (PostgreSQL manual, COPY, "Text Format")."""

from __future__ import annotations

from typing import Any

NULL = b"\\N"
TRUTH = {False: b"f", True: b"t"}


def columns(*values: Any) -> bytes:
    """Return values as columns of COPY, separated by tabs; bytes are JSON that is encoded already."""
    return b"\t".join(map(_column, values))


def _column(value: Any) -> bytes:
    if isinstance(value, bytes):
        return json_column(value)
    if isinstance(value, str):
        return text_column(value)
    return TRUTH[value] if isinstance(value, bool) else number_column(value)


def json_column(encoded: bytes) -> bytes:
    """Return JSON as a column: it holds no bare tab and no line break, as its writer escapes them."""
    return encoded.replace(b"\\", b"\\\\")


def text_column(text: str) -> bytes:
    """Return text as a column."""
    if not text:
        return b""
    escaped = text.encode().replace(b"\\", b"\\\\")
    return escaped.replace(b"\n", b"\\n").replace(b"\r", b"\\r").replace(b"\t", b"\\t")


def number_column(value: float | None) -> bytes:
    """Return a number, or nothing, as a column."""
    return NULL if value is None else repr(value).encode()
