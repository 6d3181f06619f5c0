"""JSON Lines: a task on every line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import msgspec

from apps.imports.formats.format import (
    ImportFormat,
    Item,
    ReadOptions,
    Row,
    Source,
    UnreadableFile,
    UnreadableRow,
)
from apps.imports.formats.json_elements import EXCERPT
from apps.imports.formats.json_values import BadValue, are_surely_good, decode, decode_lines, read_value
from apps.imports.formats.limits import Limits
from apps.imports.formats.text import CHUNK, decode_head, utf8_stream

EXAMPLE = """{"text": "The parcel came a day early."}
{"data": {"text": "It broke at once."}, "meta": {"shop": 7}}
"""


def first_lines(head: bytes, count: int = 2) -> list[Any] | None:
    """Return the values on the first lines of a file, or None when it is no JSON Lines."""
    lines = [line for line in decode_head(head).lstrip("\ufeff").split("\n") if line.strip()]
    whole = lines[:count] if len(lines) > 1 else lines
    try:
        return [decode(line.encode()) for line in whole] or None
    except (msgspec.DecodeError, UnicodeDecodeError, UnicodeEncodeError, RecursionError):
        return None


def sniff(head: bytes, name: str) -> bool:
    """Return whether a whole object stands on the first line, and something follows or the name says so."""
    lines = [line for line in decode_head(head).lstrip("\ufeff").split("\n", 64) if line.strip()]
    if not lines or not lines[0].lstrip().startswith("{"):
        return False
    first = first_lines(head, 1)
    return first is not None and (len(lines) > 1 or name.lower().endswith((".jsonl", ".ndjson")))


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield the value on each line that is not blank."""
    stream, _ = utf8_stream(source.stream)
    number = 0
    for lines in _batches(stream, options.limits):
        values = _decode_all(lines, options.limits)
        if values is not None:
            yield from [Row(value, f"line {line}") for line, value in enumerate(values, number + 1)]
        else:
            yield from _read_each(lines, number, options.limits)
        number += len(lines)
    if not number:
        raise UnreadableFile("The file is empty. Send a task on every line.")


def _batches(stream: IO[bytes], limits: Limits) -> Iterator[list[bytes]]:
    pending: list[bytes] = []
    size = done = 0
    while chunk := stream.read(CHUNK):
        lines = chunk.split(b"\n")
        if len(lines) == 1:
            pending.append(chunk)
            size += len(chunk)
            if size > limits.row_bytes:
                raise UnreadableFile(
                    f"The line is longer than {limits.row_bytes:,} bytes.", f"line {done + 1}"
                )
            continue
        lines[0] = b"".join(pending) + lines[0]
        pending = [lines.pop()]
        size = len(pending[0])
        done += len(lines)
        yield lines
    if rest := b"".join(pending):
        yield [rest]


def _decode_all(lines: list[bytes], limits: Limits) -> list[Any] | None:
    """Return the values on all lines, or None when one of them needs a closer look."""
    raw = b"\n".join(lines)
    try:
        values = decode_lines(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return values if len(values) == len(lines) and are_surely_good(raw, values, limits) else None


def _read_each(lines: list[bytes], done: int, limits: Limits) -> Iterator[Item]:
    for number, line in enumerate(lines, done + 1):
        if not line.strip():
            continue
        try:
            yield Row(read_value(line, limits), f"line {number}")
        except BadValue as error:
            place = f"line {number}" + (f", byte {error.offset + 1:,}" if error.offset is not None else "")
            yield UnreadableRow(error.problem, place, line[:EXCERPT].decode("utf-8", "replace"))


FORMAT = ImportFormat(
    name="JSONL",
    title="JSON Lines",
    description="A task on every line, as a JSON object.",
    extensions=("jsonl", "ndjson"),
    content_types=("application/jsonl", "application/x-ndjson", "application/jsonlines"),
    example=EXAMPLE,
    sniff=sniff,
    read=read,
)
