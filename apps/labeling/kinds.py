"""The kinds of JSON values, as messages name them."""

from __future__ import annotations

from typing import Any

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
