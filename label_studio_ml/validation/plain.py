"""From what models compute to what JSON holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 64
_SMALLEST, _LARGEST = -(1 << 63), (1 << 64) - 1


class NotPlain(Exception):
    """A value that JSON cannot hold.

    Attributes:
        path: where it is, below the value that was asked for.
    """

    def __init__(self, path: str, expected: str, got: str) -> None:
        super().__init__(f"{path}: expected {expected}, got {got}")
        self.path = path
        self.expected = expected
        self.got = got


def plain(value: Any, path: str = "", depth: int = 0) -> Any:
    """Return `value` of dictionaries, lists, texts and finite numbers alone; NumPy's scalars and arrays become theirs.

    Args:
        value: anything.
        path: where it is, for messages.
        depth: how many containers it is inside.

    Raises:
        NotPlain: something in it is NaN, infinite, nested too deeply, or nothing that JSON holds.
    """
    if depth > MAX_DEPTH:
        raise NotPlain(path, f"at most {MAX_DEPTH} levels", "more")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, int):
        if not _SMALLEST <= value <= _LARGEST:
            raise NotPlain(path, "a number of at most 64 bits", "a larger one")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotPlain(path, "a finite number", str(float(value)))
        return float(value)
    if isinstance(value, Mapping):
        return {_key(key, path): plain(item, f"{path}.{key}", depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value)]
    if hasattr(value, "serialize"):
        return plain(value.serialize(), path, depth + 1)
    if hasattr(value, "tolist"):  # NumPy, without importing it
        return plain(value.tolist(), path, depth + 1)
    raise NotPlain(path, "something that JSON can hold", type(value).__name__)


def _key(key: Any, path: str) -> str:
    if not isinstance(key, str):
        raise NotPlain(path, "texts as keys", repr(key)[:80])
    return _text(key, path)


def _text(value: str, path: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise NotPlain(path, "a text of whole characters", "half of a surrogate pair") from error
    return str(value)


def described(value: Any) -> str:
    """Return what `value` is, short enough for a message."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value is None:
        return "nothing"
    shown = (
        f'"{value}"'
        if isinstance(value, str)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )
    return shown if len(shown) <= 80 else shown[:79] + "…"
