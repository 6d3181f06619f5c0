"""What an entry of the audit log changed, value by value, for reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from apps.audit.models import Entry

SHORT = 60
"""Longer values, and those of several lines, are folded away until somebody wants to read them."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after; None where there was, or is, none."""

    name: str
    before: str | None
    after: str | None

    @property
    def is_long(self) -> bool:
        """Whether one of the two does not fit a line."""
        return any(len(text) > SHORT or "\n" in text for text in (self.before, self.after) if text)


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry with its changes told apart."""

    row: Entry
    changes: list[Change]


def shown_entry(entry: Entry) -> ShownEntry:
    """Return an entry as the page shows it."""
    return ShownEntry(entry, changes_of(entry.before, entry.after))


def changes_of(before: Any, after: Any) -> list[Change]:
    """Return the values that differ between two documents, in the order of their names."""
    old = before if isinstance(before, Mapping) else {}
    new = after if isinstance(after, Mapping) else {}
    changes = (
        Change(name.replace("_", " "), _text(old, name), _text(new, name)) for name in sorted({*old, *new})
    )
    return [change for change in changes if change.before != change.after]


def _text(document: Mapping[str, Any], name: str) -> str | None:
    value = document.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
