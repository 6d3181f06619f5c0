"""Ids as they stand in addresses and bodies."""

from __future__ import annotations

from typing import Any

MAX_DIGITS = 18
"""Any number of so many digits fits into a bigint."""


def id_in(given: Any) -> int | None:
    """Return the id that a parameter or a field of a body says; None when it says none."""
    text = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None
