"""Rows out of a JSON document as a stream: a list of any length, one object, or objects one after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import msgspec

from apps.imports.formats.format import Item, Row, UnreadableFile, UnreadableRow
from apps.imports.formats.json_values import STRUCTURE, BadValue, are_surely_good, decode, read_value
from apps.imports.formats.limits import Limits
from apps.imports.formats.text import CHUNK

EXCERPT = 200
_BLANK = b" \t\r\n"
_GUESSES = 3
_QUOTE, _COMMA = ord('"'), ord(",")


@dataclass(slots=True)
class _Window:
    """The part of the file that is in memory: its bytes, where in the file they begin, and the rows before it."""

    stream: IO[bytes]
    limits: Limits
    offset: int
    data: bytes = b""
    row: int = 0
    line: int = 1
    ended: bool = field(default=False)

    def grow(self) -> None:
        """Read on: as much again as is there, so that a long row is looked at a few times only."""
        if len(self.data) > self.limits.row_bytes + CHUNK:
            raise UnreadableFile(
                f"Row {self.row + 1} is longer than {self.limits.row_bytes:,} bytes.", f"byte {self.offset:,}"
            )
        more = self.stream.read(max(CHUNK, len(self.data)))
        self.ended = not more
        self.data += more

    def drop(self, count: int) -> None:
        """Forget the first bytes."""
        self.line += self.data.count(b"\n", 0, count)
        self.offset += count
        self.data = self.data[count:]


def read_elements(stream: IO[bytes], limits: Limits, offset: int = 0) -> Iterator[Item]:
    """Yield each element of a JSON list, or each of the objects that stand one after another.

    Args:
        stream: UTF-8 without a byte-order mark.
        offset: how many bytes of the file come before the stream's, for messages.

    Raises:
        UnreadableFile: empty, neither a list nor an object, cut off, or with more after its end.
    """
    window = _Window(stream, limits, offset)
    window.grow()
    _skip_blank(window)
    first = window.data[:1]
    if not first:
        raise UnreadableFile("The file is empty. Send a JSON list of tasks.")
    if first == b"{":
        yield from _read_objects(window)
    elif first == b"[":
        window.drop(1)
        yield from _read_list(window)
    else:
        raise UnreadableFile("The file is not JSON: it must start with [ (a list of tasks) or { (one task).")


def _skip_blank(window: _Window) -> None:
    while True:
        window.drop(len(window.data) - len(window.data.lstrip(_BLANK)))
        if window.data or window.ended:
            return
        window.grow()


def _read_list(window: _Window) -> Iterator[Item]:
    opening = b""
    while True:
        opening = opening or _opening(window.data)
        whole = _take_whole(window, opening)
        if whole is not None:
            yield from whole
            continue
        spans, rest, closed = _spans(window.data)
        for start, end in spans:
            yield from _read_one(window, start, end, last=closed)
        window.drop(rest)
        if closed:
            return _expect_end(window)
        if window.ended:
            raise _cut_off(window)
        window.grow()


def _opening(data: bytes) -> bytes:
    """Return how the first element begins, up to its first colon; the others mostly begin alike."""
    start = data.lstrip(_BLANK)
    return start[: start.find(b":") + 1] if start[:1] == b"{" else b""


def _take_whole(window: _Window, opening: bytes) -> list[Row] | None:
    """Read the elements up to a place where one seems to begin.

    JSON is read from left to right, so what parses as a list up to a comma is whole elements, wherever the comma
    was looked for. None when that fails, or when something in them needs a closer look.
    """
    end = len(window.data)
    for _ in range(_GUESSES if opening else 0):
        end = window.data.rfind(opening, 0, end)
        comma = len(window.data[:end].rstrip(_BLANK)) - 1 if end > 0 else 0
        if comma <= 0:
            return None
        if window.data[comma] != _COMMA:
            continue
        raw = b"[" + window.data[:comma] + b"]"
        try:
            values = decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        if not are_surely_good(raw, values, window.limits):
            return None
        first = window.row + 1
        window.row += len(values)
        window.drop(comma + 1)
        return [Row(value, f"row {number}") for number, value in enumerate(values, first)]
    return None


def _spans(data: bytes) -> tuple[list[tuple[int, int]], int, bool]:
    """Find the whole elements in a piece of a list.

    Returns:
        where each begins and ends, where the rest begins, and whether the list ends there.
    """
    spans, depth, start = [], 0, 0
    for token in STRUCTURE.finditer(data):
        position = token.start()
        byte = data[position]
        if byte == _QUOTE:
            if token.end() - position == 1:
                break
        elif byte in b"[{":
            depth += 1
        elif byte != _COMMA and depth:
            depth -= 1
        elif depth == 0:
            spans.append((start, position))
            start = position + 1
            if byte != _COMMA:
                return spans, start, True
    return spans, start, False


def _read_one(window: _Window, start: int, end: int, *, last: bool) -> Iterator[Item]:
    raw = window.data[start:end]
    if last and not window.row and not raw.strip(_BLANK):
        return  # nothing between the brackets
    window.row += 1
    place = f"row {window.row}"
    try:
        yield Row(read_value(raw, window.limits), place)
    except BadValue as error:
        yield _unreadable(window, raw, start, error, place)


def _unreadable(window: _Window, raw: bytes, start: int, error: BadValue, place: str) -> UnreadableRow:
    blank = len(raw) - len(raw.lstrip(_BLANK))
    position = start + (error.offset if error.offset is not None else blank)
    line = window.line + window.data.count(b"\n", 0, position)
    place += f" (line {line}, byte {window.offset + position + 1:,})"
    problem = error.problem if raw.strip(_BLANK) else "there is nothing between two commas"
    return UnreadableRow(problem, place, raw.strip(_BLANK)[:EXCERPT].decode("utf-8", "replace"))


def _read_objects(window: _Window) -> Iterator[Item]:
    while True:
        _skip_blank(window)
        if not window.data:
            return
        if window.data[:1] != b"{":
            raise UnreadableFile(
                f"After the end of row {window.row} comes something that is no task.",
                f"byte {window.offset + 1:,}",
            )
        end = _object_end(window.data)
        if end:
            yield from _read_one(window, 0, end, last=False)
            window.drop(end)
        elif window.ended:
            raise _cut_off(window)
        else:
            window.grow()


def _object_end(data: bytes) -> int:
    """Return where the object that `data` begins with ends, or 0."""
    depth = 0
    for token in STRUCTURE.finditer(data):
        byte = data[token.start()]
        if byte == _QUOTE and token.end() - token.start() == 1:
            return 0
        if byte in b"[{":
            depth += 1
        elif byte in b"]}":
            depth -= 1
            if depth == 0:
                return token.end()
    return 0


def _expect_end(window: _Window) -> None:
    _skip_blank(window)
    if window.data:
        raise UnreadableFile(
            "After the end of the list comes more. Put all tasks into one list.",
            f"byte {window.offset + 1:,}",
        )


def _cut_off(window: _Window) -> UnreadableFile:
    end = window.offset + len(window.data)
    return UnreadableFile(
        f"The JSON ends in the middle of row {window.row + 1}: the file is cut off.", f"byte {end:,}"
    )


def first_element(head: bytes) -> Any:
    """Return the first element of the JSON that a file begins with, as far as it is whole; None otherwise."""
    start = head.lstrip(_BLANK)
    raw = start[: _object_end(start)] if start[:1] == b"{" else b""
    if start[:1] == b"[":
        spans, _, _ = _spans(start[1:])
        raw = start[1:][slice(*spans[0])] if spans else b""
    try:
        return decode(raw) if raw.strip(_BLANK) else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
