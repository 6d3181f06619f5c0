"""The values that filters compare keys of the data with, as the indexes of values have them (docs/adr/0010)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.data_manager.conditions import Parameters
from apps.data_manager.searching import search

MAX_POINTS = 20
"""How many values of a list are looked up one by one, or left out one by one."""

VALUE_LENGTH = 256
"""How many characters of a text an index has."""

EMPTY_TEXTS = ("", "[]", "{}")
"""What counts as empty of a text, in the order of the index."""


def numbers_in(texts: Sequence[str]) -> list[str | None]:
    """Return the numbers that texts are, as the database reads and writes them: the driver knows no infinite ones."""
    asked = Parameters()
    # Not as constants, which Postgres would make numbers of before it asks whether they are some.
    rows = search(
        "SELECT data_number(value)::text FROM (SELECT value, place FROM"  # noqa: S608 - own text
        f" unnest({asked.mark(list(texts))}::text[]) WITH ORDINALITY AS asked (value, place) OFFSET 0) asked"
        " ORDER BY place",
        asked,
    )
    return [number for (number,) in rows]


def listed(operand: Any) -> list[Any]:
    """Return the values of a list, or the only one."""
    return operand if isinstance(operand, list) else [operand]
