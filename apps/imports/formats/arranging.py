"""What the person who imports asks of every row, whatever its format: columns to variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from apps.imports.formats.format import Item, ReadOptions, Row, UnreadableRow


def arrange(items: Iterable[Item], options: ReadOptions) -> Iterator[Item]:
    """Yield the items with the columns of bare rows renamed as the options ask; all others pass as they are."""
    if any(variable != column for variable, column in options.columns.items()):
        return (_arranged(item, options) for item in items)
    return iter(items)


def _arranged(item: Item, options: ReadOptions) -> Item:
    if isinstance(item, UnreadableRow) or not isinstance(item.value, dict):
        return item
    try:
        return Row(_rename(item.value, options), item.place)
    except ValueError as error:
        return UnreadableRow(str(error), item.place)


def _is_wrapped(row: dict[str, Any]) -> bool:
    return isinstance(row.get("data"), dict)


def _rename(row: dict[str, Any], options: ReadOptions) -> dict[str, Any]:
    """Fill each variable from its column, which then does not also stay under its own name."""
    data = row["data"] if _is_wrapped(row) else row
    missing = [column for column in options.columns.values() if column not in data]
    if missing:
        raise ValueError(f'it has no column "{missing[0]}", which is to fill a variable')
    used = set(options.columns.values())
    arranged = {column: value for column, value in data.items() if column not in used}
    arranged.update({variable: data[column] for variable, column in options.columns.items()})
    return {**row, "data": arranged} if _is_wrapped(row) else arranged
