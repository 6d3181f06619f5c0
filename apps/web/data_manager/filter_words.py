"""Filters in words, and what is wrong with each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.core.errors import ValidationFailed
from apps.data_manager.columns import Column, ColumnType
from apps.data_manager.filters import filtered_column, read_filters
from apps.web.data_values import shorten

_WORDS = {
    "contains": "contains",
    "not_contains": "does not contain",
    "regex": "matches the regular expression",
    "equal": "is",
    "not_equal": "is not",
    "less": "is less than",
    "greater": "is greater than",
    "less_or_equal": "is at most",
    "greater_or_equal": "is at least",
    "in": "is between",
    "not_in": "is not between",
    "in_list": "is one of",
    "not_in_list": "is none of",
    "empty": "is empty",
}
_WORDS_OF_TYPE = {
    ColumnType.DATETIME: {
        "less": "is before",
        "greater": "is after",
        "less_or_equal": "is at or before",
        "greater_or_equal": "is at or after",
    },
    ColumnType.LIST: {
        "contains": "have",
        "not_contains": "do not have",
        "equal": "have",
        "not_equal": "do not have",
        "in_list": "have one of",
        "not_in_list": "have none of",
        "empty": "are empty",
        "in": "have one between",
        "not_in": "have none between",
    },
}

Names = Mapping[str, Mapping[Any, str]]
"""What the values of some columns are called: `{"annotators": {5: "Ana Torres"}}`."""


def operator_words(kind: ColumnType) -> dict[str, str]:
    """Return what each operator is called when a column of this type stands before it."""
    return _WORDS | _WORDS_OF_TYPE.get(kind, {})


@dataclass(frozen=True, slots=True)
class Chip:
    """One of the filters that stand beside each other.

    Attributes:
        place: its index among them.
        problem: why it cannot be used; empty when it can.
    """

    place: int
    text: str
    problem: str = ""


def chips_of(filters: Mapping[str, Any], problems: Mapping[str, str], names: Names) -> list[Chip]:
    """Return the outermost filters of a document, each in words."""
    return [
        Chip(place, _in_words(item, names), _first_problem(str(place), problems))
        for place, item in enumerate(filters["items"])
    ]


def problems_of(filters: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with which filter, by its path (`0`, `1.2`), else of all together by ""."""
    problems = dict(_problems(filters, ""))
    if not problems:
        try:
            read_filters(dict(filters))
        except ValidationFailed as error:
            problems[""] = error.message
    return problems


def _problems(group: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for place, item in enumerate(group["items"][:100]):
        here = f"{path}{place}"
        if isinstance(item, dict) and isinstance(item.get("items"), list) and len(here) < 20:
            yield from _problems(item, f"{here}.")
            continue
        try:
            read_filters({"items": [item]})
        except ValidationFailed as error:
            yield here, error.message


def _first_problem(path: str, problems: Mapping[str, str]) -> str:
    inside = (text for place, text in problems.items() if place == path or place.startswith(f"{path}."))
    return next(inside, "")


def _in_words(item: Any, names: Names) -> str:
    if not isinstance(item, dict):
        return shorten(item)
    if isinstance(item.get("items"), list):
        joined = f" {'or' if item.get('conjunction') == 'or' else 'and'} "
        return f"({joined.join(_in_words(inner, names) for inner in item['items'][:20])})"
    try:
        column = filtered_column(str(item.get("filter", "")), item.get("type"))
    except ValidationFailed:
        return shorten(f"{item.get('filter')} {item.get('operator')}")
    return (
        f"{column.title} {_comparison_in_words(column, str(item.get('operator')), item.get('value'), names)}"
    )


def _comparison_in_words(column: Column, operator: str, value: Any, names: Names) -> str:
    words = operator_words(column.type)
    if operator == "empty":
        are = "are" if column.type == ColumnType.LIST else "is"
        return words["empty"] if value in (True, "true", None) else f"{are} not empty"
    if operator == "in" and isinstance(value, dict):
        ends = {name: end for name, end in value.items() if end is not None}
        if list(ends) in (["min"], ["max"]):
            operator = "greater_or_equal" if "min" in ends else "less_or_equal"
            (value,) = ends.values()
    return f"{words.get(operator, operator)} {_value_in_words(column, value, names)}"


def _value_in_words(column: Column, value: Any, names: Names) -> str:
    if isinstance(value, dict):
        ends = (value.get("min"), value.get("max"))
        return " and ".join("…" if end is None else _value_in_words(column, end, names) for end in ends)
    if isinstance(value, list):
        shown = ", ".join(_value_in_words(column, one, names) for one in value[:5])
        return shown if len(value) <= 5 else f"{shown} and {len(value) - 5:,} more"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.type == ColumnType.DATETIME:
        return _moment_in_words(value)
    known = names.get(column.id, {})
    if isinstance(value, str | int) and (name := known.get(value) or known.get(str(value))):
        return name
    return f"“{shorten(value)}”" if isinstance(value, str) else shorten(value)


def _moment_in_words(value: Any) -> str:
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        return shorten(value)
    exact = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return exact.strftime("%d %b %Y %H:%M %Z").strip()
