"""Filters on the key by which tasks are ordered: what passes them are spans of that order (docs/adr/0013).

The places of the spans' borders are known, so neither the page nor the total costs more where more tasks pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.data_manager.columns import ColumnType
from apps.data_manager.compared_values import EMPTY_TEXTS, MAX_POINTS, VALUE_LENGTH, listed, numbers_in
from apps.data_manager.conditions import Comparison
from apps.data_manager.key_indexes import complete_index
from apps.data_manager.models import IndexPurpose
from apps.data_manager.operators import NEGATED
from apps.data_manager.places import (
    KINDS,
    Border,
    KindCount,
    Span,
    entries_before,
    entries_of,
    known_counts,
    stretches_within,
)
from apps.data_manager.searching import answers_of
from apps.data_manager.task_query import Page, TaskQuery
from apps.projects.models import Project

_NUMBERS, _TEXTS, _MISSING = KINDS


@dataclass(frozen=True, slots=True)
class Range:
    """The values of one kind between two borders; None: from the first one, or to the last one."""

    kind: int
    low: Border | None = None
    high: Border | None = None


def page_of_ranges(query: TaskQuery, *, start: int, page_size: int, at_least: int) -> Page | None:
    """Return a page of the tasks that pass the only filter, in the order of the key which it compares.

    None where filter and order are of different keys, where the key has no complete index or its places are not known,
    and where so few tasks pass that they are better looked at one by one.

    Args:
        start: how many tasks come before.
        at_least: how many have to pass.
    """
    comparison = _comparison_of_order(query)
    known = _known_spans(query.project, comparison) if comparison else None
    if known is None:
        return None
    index, counts, spans = known
    total = sum(span.high - span.low for span in spans)
    if total <= at_least:
        return None
    descending = query.is_descending
    stretches = stretches_within(spans, counts, start=start, size=page_size, descending=descending)
    ids = [
        entry.task_id for stretch in stretches for entry in entries_of(index, stretch, descending=descending)
    ]
    return Page(ids, total, *answers_of(ids), is_lower_bound=True)


def count_of_ranges(project: Project, comparison: Comparison) -> int | None:
    """Return how many tasks pass a comparison of a key; None where that is not known by places."""
    known = _known_spans(project, comparison) if comparison.column.key else None
    return None if known is None else sum(span.high - span.low for span in known[2])


def _known_spans(
    project: Project, comparison: Comparison
) -> tuple[int, Sequence[KindCount], Sequence[Span]] | None:
    """Return the index of a comparison's key, how many entries it has of each kind, and the spans that pass."""
    ranges = _ranges_of(comparison)
    index = None if ranges is None else complete_index(project, comparison.column.key, IndexPurpose.VALUES)
    counts = None if index is None else known_counts(project, index)
    if ranges is None or index is None or counts is None:
        return None
    return index, counts, [_span_of(index, one, counts) for one in ranges]


def _comparison_of_order(query: TaskQuery) -> Comparison | None:
    """Return the only filter, if it compares the key by which tasks are ordered, with nothing but the id behind it."""
    if not (query.ordering and query.has_only_filters and query.filters.size == 1):
        return None
    first, *others = query.ordering
    if others and not (others[0].is_id and others[0].descending == first.descending):
        return None
    (item,) = query.filters.required()
    is_same = isinstance(item, Comparison) and item.column.key and item.column.key == first.column.key
    return item if is_same and isinstance(item, Comparison) else None


def _ranges_of(comparison: Comparison) -> list[Range] | None:
    """Return the ranges of values that a comparison means, in the order of the index; None for others."""
    operator, operand = NEGATED.get(comparison.operator, comparison.operator), comparison.operand
    if operator in ("contains", "regex") or len(_points(operand)) > MAX_POINTS:
        return None
    if comparison.column.type == ColumnType.NUMBER:
        ranges = _ranges_of_numbers(operator, operand)
    elif comparison.column.type == ColumnType.STRING and not isinstance(operand, tuple):
        if any(len(text) >= VALUE_LENGTH for text in _points(operand)):
            return None
        ranges = _ranges_of_texts(operator, operand)
    else:
        return None
    is_rest = comparison.operator in NEGATED or (operator == "empty" and not operand)
    return _rest(ranges) if is_rest else ranges


def _points(operand: Any) -> list[Any]:
    return [] if isinstance(operand, bool | tuple) else listed(operand)


def _ranges_of_numbers(operator: str, operand: Any) -> list[Range]:
    if operator == "empty":
        return [Range(_TEXTS), Range(_MISSING)]
    if isinstance(operand, tuple):
        least, most = operand
        low = None if least is None else Border(least)
        return [Range(_NUMBERS, low, None if most is None else Border(most, includes=True))]
    if operator in ("equal", "in", "in_list"):
        return [
            Range(_NUMBERS, Border(point), Border(point, includes=True))
            for point in sorted(set(listed(operand)))
        ]
    border = Border(operand, includes=operator in ("greater", "less_or_equal"))
    is_above = operator in ("greater", "greater_or_equal")
    return [Range(_NUMBERS, border, None) if is_above else Range(_NUMBERS, None, border)]


def _ranges_of_texts(operator: str, operand: Any) -> list[Range]:
    if operator == "empty":
        return [*(_range_of_text(text, None) for text in EMPTY_TEXTS), Range(_MISSING)]
    texts = sorted(set(listed(operand)))
    numbers = zip(numbers_in(texts), texts, strict=True)
    ranges = [(_place_of(number), _range_of_text(text, number)) for number, text in numbers]
    return [one for _, one in sorted(ranges, key=lambda pair: pair[0])]


def _place_of(number: str | None) -> tuple[int, bool, Decimal]:
    """Return what sorts texts that are numbers before others, with "NaN" as the highest; equal ones stay in order."""
    if number is None:
        return (_TEXTS, False, Decimal(0))
    value = Decimal(number)
    return (_NUMBERS, value.is_nan(), Decimal(0) if value.is_nan() else value)


def _range_of_text(text: str, number: str | None) -> Range:
    kind = _TEXTS if number is None else _NUMBERS
    return Range(kind, Border(number, text), Border(number, text, includes=True))


def _rest(ranges: Sequence[Range]) -> list[Range]:
    """Return all ranges of values besides some, which are in the order of the index."""
    rest = []
    for kind in KINDS:
        low: Border | None = None
        is_open = True
        for one in (one for one in ranges if one.kind == kind):
            if one.low is not None:
                rest.append(Range(kind, low, one.low))
            low, is_open = one.high, one.high is not None
        if is_open:
            rest.append(Range(kind, low))
    return rest


def _span_of(index: int, one: Range, counts: Sequence[KindCount]) -> Span:
    low = 0 if one.low is None else entries_before(index, one.kind, one.low)
    high = counts[one.kind].entries if one.high is None else entries_before(index, one.kind, one.high)
    return Span(one.kind, low, max(low, high))
