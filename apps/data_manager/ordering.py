"""Orders of tasks: several columns, each ascending or descending, and the id last, so that no two tasks are equal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from apps.core.errors import ValidationFailed
from apps.data_manager.columns import Column
from apps.data_manager.conditions import Parameters, Sight, data_number, data_text, expression
from apps.data_manager.filters import filtered_column

MAX_KEYS = 5
COMPARED = 256
"""How many characters of a text count for its place; its id decides between texts that begin alike."""


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an order. Tasks without a value come last, whichever the direction."""

    column: Column
    descending: bool = False

    @property
    def is_id(self) -> bool:
        """Whether no two tasks have the same value."""
        return self.column.id == "id"

    def sql(self, parameters: Parameters, sight: Sight, *, backwards: bool) -> str:
        """Return the key for ORDER BY.

        Args:
            backwards: the whole order is read from its end.
        """
        direction = "DESC" if self.descending != backwards else "ASC"
        nulls = "FIRST" if backwards else "LAST"
        return ", ".join(f"{value} {direction} NULLS {nulls}" for value in self._values(parameters, sight))

    def _values(self, parameters: Parameters, sight: Sight) -> list[str]:
        """Return what is compared: of a key of the data, its number and then its text.

        Imported tables hold numbers as texts; "10" comes behind "9" all the same.
        """
        if not self.column.key:
            return [expression(self.column, parameters, sight)]
        text = data_text(self.column.key, parameters)
        return [data_number(text), f'left({text}, {COMPARED}) COLLATE "C"']


Ordering = tuple[Key, ...]
BY_ID = Key(filtered_column("id"))


def read_ordering(document: Any) -> Ordering:
    """Return the keys of `["-tasks:data.text", "tasks:id"]`; a single text is taken as a list of one.

    Raises:
        ValidationFailed: it is no list of texts, too long, or names what tasks cannot be ordered by.
    """
    names = [document] if isinstance(document, str) else document or []
    if (
        not isinstance(names, list)
        or len(names) > MAX_KEYS
        or not all(isinstance(name, str) for name in names)
    ):
        message = f'ordering must be a list of at most {MAX_KEYS} names such as "-tasks:id".'
        raise ValidationFailed(message, fields={"ordering": [message]})
    return tuple(_read_key(name) for name in names if name)


def _read_key(name: str) -> Key:
    descending = name.startswith("-")
    bare = name.removeprefix("-").removeprefix("tasks:")
    column = filtered_column(bare.removeprefix("-"))
    if not column.orderable:
        raise ValidationFailed(
            f'Tasks cannot be ordered by "{column.id}".', fields={"ordering": [f"Not by {column.id}."]}
        )
    return Key(column, descending != bare.startswith("-"))


def order_by(ordering: Ordering, parameters: Parameters, sight: Sight, *, backwards: bool = False) -> str:
    """Return what stands behind ORDER BY.

    Equal values stand by their ids in the direction of the last column, as indexes have them.
    """
    last = ordering[-1] if ordering else BY_ID
    keys: list[Key] = []
    for key in (*ordering, replace(BY_ID, descending=last.descending)):
        keys.append(key)
        if key.is_id:
            break
    return ", ".join(
        _plain(key, backwards) or key.sql(parameters, sight, backwards=backwards) for key in keys
    )


def _plain(key: Key, backwards: bool) -> str:
    """Return the id as the index has it: it is never NULL, so nothing is said about NULLs."""
    if not key.is_id:
        return ""
    return "t.id DESC" if key.descending != backwards else "t.id"
