"""Filters as clients send them: comparisons, and groups of them joined by "and" or "or"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps.core.errors import ValidationFailed
from apps.data_manager.columns import DATA, Column, ColumnType, find_column
from apps.data_manager.conditions import Comparison, Parameters, Sight, comparison

MAX_DEPTH = 5
MAX_COMPARISONS = 100
_PREFIXES = ("filters:", "filter:")
_TARGET = "tasks:"
# Types of the wire that say how a key of the data is compared; every other one compares texts.
_DATA_TYPES = {kind.value: kind for kind in (ColumnType.NUMBER, ColumnType.DATETIME, ColumnType.BOOLEAN)}


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which all must hold, or any; without any, every task passes."""

    items: tuple[Comparison | Group, ...] = ()
    any: bool = False

    def sql(self, parameters: Parameters, sight: Sight) -> str:
        """Return the condition in SQL."""
        if not self.items:
            return "TRUE"
        joined = (" OR " if self.any else " AND ").join(item.sql(parameters, sight) for item in self.items)
        return f"({joined})"

    @property
    def reads_answers(self) -> bool:
        """Whether completions or predictions are looked into, which costs more than a look at the task."""
        return any(comparison.column.rows is not None for comparison in _comparisons(self))

    @property
    def reads_data(self) -> bool:
        """Whether values of the tasks' data are looked at."""
        return any(
            comparison.column.key or comparison.column.id == "data" for comparison in _comparisons(self)
        )

    @property
    def size(self) -> int:
        """How many comparisons there are."""
        return sum(1 for _ in _comparisons(self))

    @property
    def patterns(self) -> list[str]:
        """The regular expressions among them."""
        return [comparison.operand for comparison in _comparisons(self) if comparison.operator == "regex"]

    def required(self) -> Iterator[Comparison | Group]:
        """Yield what holds for every task which passes: comparisons, and groups of which any holds."""
        if self.any and len(self.items) > 1:
            yield self
            return
        for item in self.items:
            if isinstance(item, Group):
                yield from item.required()
            else:
                yield item

    def without(self, known: Sequence[Comparison | Group]) -> Group:
        """Return what is left to hold where some of the `required` conditions do."""
        if self.any and len(self.items) > 1:
            return NO_FILTERS if self in known else self
        kept = (item for item in self.items if item not in known)
        return Group(tuple(item.without(known) if isinstance(item, Group) else item for item in kept))

    def __bool__(self) -> bool:
        return any(not isinstance(item, Group) or bool(item) for item in self.items)


NO_FILTERS = Group()


def all_of(*groups: Group) -> Group:
    """Return the group of tasks that pass every one of `groups`."""
    given = tuple(group for group in groups if group)
    return given[0] if len(given) == 1 else Group(given)


def read_filters(document: Any) -> Group:
    """Return the filters of a document `{conjunction, items: [{filter, operator, type, value}]}`.

    An item may be such a document itself.

    Raises:
        ValidationFailed: it is no such document, names what is no column, or compares it wrongly; filters that are
            nested or listed beyond `MAX_DEPTH` and `MAX_COMPARISONS` are refused too.
    """
    if document is None:
        return NO_FILTERS
    group = _read_group(document, depth=1)
    if group.size > MAX_COMPARISONS:
        raise ValidationFailed(f"More than {MAX_COMPARISONS} filters at once cannot be used.")
    return group


def _read_group(document: Any, depth: int) -> Group:
    if depth > MAX_DEPTH:
        raise ValidationFailed(f"Filters may be nested {MAX_DEPTH} levels deep.")
    items = document.get("items", []) if isinstance(document, dict) else None
    conjunction = document.get("conjunction", "and") if isinstance(document, dict) else None
    if not isinstance(items, list) or conjunction not in ("and", "or"):
        message = 'Filters look like {"conjunction": "and" or "or", "items": [...]}.'
        raise ValidationFailed(message, fields={"filters": [message]})
    if len(items) > MAX_COMPARISONS:
        raise ValidationFailed(f"More than {MAX_COMPARISONS} filters at once cannot be used.")
    return Group(tuple(_read_item(item, depth) for item in items), any=conjunction == "or")


def _read_item(item: Any, depth: int) -> Comparison | Group:
    if isinstance(item, dict) and "items" in item:
        return _read_group(item, depth + 1)
    if not isinstance(item, dict) or not isinstance(item.get("filter"), str):
        raise ValidationFailed(
            'A filter looks like {"filter": "filter:tasks:id", "operator": ..., "value": ...}.'
        )
    operator = item.get("operator")
    if not isinstance(operator, str):
        raise ValidationFailed(f"The filter on {item['filter'][:80]} has no operator.")
    column = filtered_column(item["filter"], item.get("type"))
    return comparison(column, operator, item.get("value", True if operator == "empty" else None))


def filtered_column(name: str, wire_type: Any = None) -> Column:
    """Return the column behind a name of the wire: `filter:tasks:data.text`, `tasks:id`, `id`.

    Args:
        wire_type: the type the client gives; it decides for keys of the data, which have none of their own.

    Raises:
        ValidationFailed: there is no such column.
    """
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    column = find_column(name.removeprefix(_TARGET))
    if column.id.startswith(DATA) and isinstance(wire_type, str) and wire_type in _DATA_TYPES:
        return replace(column, type=_DATA_TYPES[wire_type])
    return column


def _comparisons(group: Group) -> Iterator[Comparison]:
    for item in group.items:
        if isinstance(item, Group):
            yield from _comparisons(item)
        else:
            yield item
