"""JSON of any answer, read and written: quickly, and also what the quick libraries refuse."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import orjson

_decode = msgspec.json.Decoder().decode


def loads(text: str | bytes) -> Any:
    """Return what a JSON text holds; whole numbers of any size stay whole, which orjson rounds beyond 64 bits."""
    try:
        return _decode(text)
    except msgspec.MsgspecError:  # halves of surrogate pairs, numbers beyond all floats
        return json.loads(text)


def dumps(value: Any) -> bytes:
    """Return `value` as JSON; also what orjson cannot write, such as numbers beyond 64 bits."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
