"""The kinds of JSON values, as messages name them."""

from __future__ import annotations

import sys
from typing import Any, TypeGuard

_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}


def kind_of(value: Any) -> str:
    """Return what `value` is, with its article: "a list"."""
    return _NAMES.get(type(value), type(value).__name__)


def is_number(value: Any) -> TypeGuard[float]:
    """Whether `value` is a finite number; true and false are none, nor are integers too large to reckon with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max
