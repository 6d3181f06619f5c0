"""What a column of each type can be compared by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from apps.core.errors import ValidationFailed
from apps.data_manager.columns import Column, ColumnType

MAX_LIST = 10_000
MAX_TEXT = 10_000

_EQUALITY = ("equal", "not_equal")
_ORDER = ("less", "greater", "less_or_equal", "greater_or_equal")
_RANGE = ("in", "not_in")
_LISTS = ("in_list", "not_in_list")
_TEXT = ("contains", "not_contains", "regex")

_OF_TYPE: dict[ColumnType, tuple[str, ...]] = {
    ColumnType.NUMBER: (*_EQUALITY, *_ORDER, *_RANGE, *_LISTS, "empty"),
    ColumnType.DATETIME: (*_EQUALITY, *_ORDER, *_RANGE, "empty"),
    ColumnType.BOOLEAN: (*_EQUALITY, "empty"),
    ColumnType.STRING: (*_TEXT, *_EQUALITY, *_RANGE, *_LISTS, "empty"),
    ColumnType.LIST: ("contains", "not_contains", *_EQUALITY, *_RANGE, *_LISTS, "empty"),
}

NEGATED = {
    "not_equal": "equal", "not_in": "in", "not_in_list": "in_list", "not_contains": "contains",
}  # fmt: skip
"""The operators that hold for every task for which the other does not hold, also where there is no value."""

COMPARISONS = {"less": "<", "greater": ">", "less_or_equal": "<=", "greater_or_equal": ">="}


def operators_of(column: Column) -> tuple[str, ...]:
    """Return the operators a column takes."""
    if column.id == "data" or (column.rows and column.type == ColumnType.STRING):
        return (*_TEXT, "empty")
    if column.id in ("labels", "review"):
        return ("contains", "not_contains", *_LISTS, "empty")
    return _OF_TYPE[column.type]


def value_type(column: Column) -> ColumnType:
    """Return the type of one value of a column: what stands in a list of people is a number."""
    if column.type == ColumnType.LIST:
        return ColumnType.NUMBER if column.id in ("annotators", "assigned_to") else ColumnType.STRING
    return column.type


def check_operand(column: Column, operator: str, value: Any) -> Any:
    """Return what `column` is compared with: a value, (least, most), or a list.

    Raises:
        ValidationFailed: the column does not take the operator, or the operator not the value.
    """
    if operator not in operators_of(column):
        raise ValidationFailed(
            f'"{column.id}" cannot be compared by "{operator[:40]}": use {", ".join(operators_of(column))}.'
        )
    base = NEGATED.get(operator, operator)
    read = _READERS[value_type(column)]
    if base == "empty":
        return _boolean(value, column)
    if base == "in" and isinstance(value, dict):
        return _range(value, column, read)
    if base in ("in", "in_list"):
        return _list(value, column, read)
    if base == "regex":
        return _string(value, column)
    return read(value, column)


def _range(value: dict[str, Any], column: Column, read: Callable[[Any, Column], Any]) -> tuple[Any, Any]:
    ends = [value.get("min"), value.get("max")]
    if ends == [None, None]:
        raise _wrong(column, "a range with min, max or both")
    least, most = (None if end is None else read(end, column) for end in ends)
    return least, most


def _list(value: Any, column: Column, read: Callable[[Any, Column], Any]) -> list[Any]:
    values = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(values, Sequence) or len(values) > MAX_LIST:
        raise _wrong(column, f"a list of at most {MAX_LIST:,} values")
    return [read(item, column) for item in values]


def _number(value: Any, column: Column) -> int | float | Decimal:
    if isinstance(value, str):
        try:
            value = float(value) if not value.strip().lstrip("-").isdecimal() else int(value)
        except ValueError:
            raise _wrong(column, "a number") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(column, "a number")
    # A whole number beyond what a float holds is finite, but `isfinite` cannot tell.
    if isinstance(value, float) and not isfinite(value):
        raise _wrong(column, "a number")
    return value


def _moment(value: Any, column: Column) -> datetime:
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
        day = (
            parse_date(value[:10]) if moment is None and isinstance(value, str) and len(value) == 10 else None
        )
    except ValueError:
        moment, day = None, None
    if moment is None and isinstance(day, date):
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if moment is None:
        raise _wrong(column, "a time as in 2026-01-31T18:00:00Z")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _boolean(value: Any, column: Column) -> bool:
    known = {True: True, False: False, "true": True, "false": False, "1": True, "0": False}
    given = value.lower() if isinstance(value, str) else value
    found = known.get(given) if isinstance(given, str | int) else None
    if found is None:
        raise _wrong(column, "true or false")
    return found


def _string(value: Any, column: Column) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float) or len(str(value)) > MAX_TEXT:
        raise _wrong(column, f"a text of at most {MAX_TEXT:,} characters")
    text = str(value)
    if "\x00" in text:
        raise _wrong(column, "a text without NUL characters")
    return text


def _wrong(column: Column, wanted: str) -> ValidationFailed:
    return ValidationFailed(
        f'"{column.id}" must be compared with {wanted}.', fields={"value": [f"Not {wanted}."]}
    )


_READERS: dict[ColumnType, Callable[[Any, Column], Any]] = {
    ColumnType.NUMBER: _number,
    ColumnType.DATETIME: _moment,
    ColumnType.BOOLEAN: _boolean,
    ColumnType.STRING: _string,
}
