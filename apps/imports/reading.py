"""Reads rows out of a JSON file as a stream: memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import ijson

from apps.core.errors import ValidationFailed

_WHITESPACE = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_rows(stream: IO[bytes]) -> Iterator[Any]:
    """Yield each item of a JSON list, or the one object of a file that holds a single task.

    Args:
        stream: a seekable UTF-8 file.

    Raises:
        ValidationFailed: empty, not JSON, neither a list nor an object, or broken off; the message says after
            how many whole rows.
    """
    first = _first_byte(stream)
    if first == b"":
        raise ValidationFailed("The file is empty. Send a JSON list of tasks.")
    if first not in (b"[", b"{"):
        raise ValidationFailed(
            "The file is not JSON: it must start with [ (a list of tasks) or { (one task)."
        )
    rows = ijson.items(stream, "item" if first == b"[" else "", use_float=True)
    done = 0
    try:
        for row in rows:
            yield row
            done += 1
    except ijson.IncompleteJSONError as error:
        raise ValidationFailed(_broken(done, str(error))) from error
    except ijson.JSONError as error:
        raise ValidationFailed(_broken(done, str(error))) from error


def _first_byte(stream: IO[bytes]) -> bytes:
    """Return the first byte that is no space, and leave the stream at the document's start."""
    start = len(_BYTE_ORDER_MARK) if stream.read(3) == _BYTE_ORDER_MARK else 0
    stream.seek(start)
    while (byte := stream.read(1)) and byte in _WHITESPACE:
        pass
    stream.seek(start)
    return byte


def _broken(done: int, reason: str) -> str:
    reason = reason.splitlines()[0].strip() if reason.strip() else "it cannot be read"
    if "premature EOF" in reason or "Incomplete" in reason:
        return f"The JSON ends in the middle of row {done + 1}: the file is cut off. Nothing was imported."
    if "integer overflow" in reason:
        reason = "a whole number does not fit into 64 bits; write it as a text"
    elif "floating point" in reason:
        reason = "a number is too large; write it as a text"
    return f"The JSON is broken in row {done + 1}: {reason}. Nothing was imported."
