"""Single JSON values: read strictly, with words for what is wrong with one."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import orjson

from apps.imports.formats.limits import Limits

decode = msgspec.json.Decoder().decode
decode_lines = msgspec.json.Decoder().decode_lines

SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**64 - 1

_WRITER_DEPTH = 254
"""How deep orjson writes; it has no setting for that."""
_POSITION = re.compile(r" \(byte (\d+)\)$")
_NO_NUMBER = re.compile(rb"-?(?:NaN|Infinity|nan|inf)\b")


class BadValue(ValueError):
    """A JSON text that cannot be taken; `offset` is where in it, in bytes, when that is known."""

    def __init__(self, problem: str, offset: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.offset = offset


def are_surely_good(raw: bytes, values: list[Any], limits: Limits) -> bool:
    """Return whether a JSON text and what was read from it need no closer look: cheap, and True of almost all there is.

    What was read is written again. That fails where it holds a number beyond 64 bits or is too deep, and it gives
    fewer keys where one object held a key twice; a key is counted as a quote and a colon, in both texts.

    Args:
        raw: one value or many.
        values: all of them.
    """
    for _ in range(_WRITER_DEPTH - limits.depth - 1):
        values = [values]  # so that the writer's fixed limit is met where ours is
    try:
        written = orjson.dumps(values)
    except orjson.JSONEncodeError:
        return False
    return _keys(written) == _keys(raw)


def _keys(raw: bytes) -> int:
    return raw.count(b'":') + raw.count(b'" :')


def read_value(raw: bytes, limits: Limits) -> Any:
    """Return the value of one JSON text, after a close look.

    Raises:
        BadValue: not JSON, not UTF-8, a number beyond 64 bits, NaN, a lone surrogate, a key twice, too deep.
    """
    if len(raw) > limits.row_bytes:
        raise BadValue(f"it is longer than {limits.row_bytes:,} bytes")
    if raw.count(b"[") + raw.count(b"{") > limits.depth and _depth(raw) > limits.depth:
        raise BadValue(f"it is nested deeper than {limits.depth} levels")
    try:
        value = decode(raw)
    except UnicodeDecodeError as error:
        raise _not_utf8(raw) from error
    except msgspec.ValidationError as error:
        raise BadValue("a number is too large; write it as a text") from error
    except msgspec.DecodeError as error:
        raise _not_json(raw, str(error)) from error
    if not are_surely_good(raw, [value], limits):
        _refuse_duplicate_keys(raw)
        _refuse_long_integers(value)
    return value


def _depth(raw: bytes) -> int:
    """Return how deep lists and objects stand in one another; brackets in texts do not count."""
    depth = deepest = 0
    for token in STRUCTURE.finditer(raw):
        byte = raw[token.start()]
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{},]', re.DOTALL)
"""Whole texts, brackets and commas; a quote alone begins a text that has no end."""


def _not_utf8(raw: bytes) -> BadValue:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return BadValue(f"byte 0x{raw[error.start]:02X} is no UTF-8; save the file as UTF-8", error.start)
    return BadValue("it is no UTF-8")


def _not_json(raw: bytes, reason: str) -> BadValue:
    position = _POSITION.search(reason)
    offset = min(int(position[1]), len(raw)) if position else None
    if "surrogate" in reason or "hex escape" in reason:
        return BadValue("it holds half of a surrogate pair (broken Unicode); mend the text", offset)
    if offset is not None and (
        word := _NO_NUMBER.match(raw, max(offset - (raw[offset - 1 : offset] == b"-"), 0))
    ):
        return BadValue(f"{word[0].decode()} is no number in JSON; write null or a number", offset)
    if offset is None:
        return BadValue("it is cut off", len(raw))
    return BadValue(_POSITION.sub("", reason).removeprefix("JSON is malformed: "), offset)


def _refuse_duplicate_keys(raw: bytes) -> None:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        document = dict(pairs)
        if len(document) < len(pairs):
            seen: set[str] = set()
            twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            raise BadValue(f'the key "{twice[:100]}" stands twice in one object')
        return document

    json.loads(raw, object_pairs_hook=unique)


def _refuse_long_integers(value: Any) -> None:
    stack = [("", value)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, int) and not SMALLEST_INTEGER <= node <= LARGEST_INTEGER:
            where = f" at {path}" if path else ""
            raise BadValue(f"a whole number does not fit into 64 bits{where}; write it as a text")
        if isinstance(node, dict):
            stack.extend((f"{path}.{key}" if path else key, inner) for key, inner in node.items())
        elif isinstance(node, list):
            stack.extend((f"{path}[{index}]", inner) for index, inner in enumerate(node))
