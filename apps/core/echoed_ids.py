"""Ids that a body repeats: clients may send back what they have read, but cannot move a thing by it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.core.errors import ValidationFailed


def require_echoed_ids(body: Any, **known: int | Iterable[int] | None) -> None:
    """Let a body pass whose ids are those of the thing it is about, or absent.

    An id may be a number, a text of digits or an object with `id`, as the API's own documents have it; null says
    nothing.

    Args:
        known: by the field's name, the one id it may hold, or several.

    Raises:
        ValidationFailed: naming every field that holds another id.
    """
    if not isinstance(body, dict):
        return
    wrong = {}
    for name, own in known.items():
        allowed = set(own) if isinstance(own, Iterable) else {own}
        given = body.get(name)
        if given is not None and _id_of(given) not in allowed:
            wrong[name] = [f"{name} cannot be set here. Leave it out, or send what was read."]
    if wrong:
        raise ValidationFailed("The body names things that it is not about.", fields=wrong)


def _id_of(given: Any) -> int | None:
    value = given.get("id") if isinstance(given, dict) else given
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) else None
