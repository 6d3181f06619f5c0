"""Filters as the indexes of data keys answer them (docs/adr/0010): which comparisons they know, by which entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from apps.data_manager.columns import ColumnType
from apps.data_manager.compared_values import EMPTY_TEXTS, MAX_POINTS, VALUE_LENGTH, listed, numbers_in
from apps.data_manager.conditions import Comparison, Parameters, Sight, compare
from apps.data_manager.filters import Group
from apps.data_manager.key_indexes import complete_index
from apps.data_manager.label_index import condition_of_labels, labels_in
from apps.data_manager.models import IndexPurpose
from apps.data_manager.operators import NEGATED
from apps.data_manager.searching import search
from apps.data_manager.value_ranges import count_of_ranges
from apps.projects.models import Project

SAMPLE = 500
FREQUENT = 5
"""Of a sample of texts; from there on, reading tasks in order finds a page sooner than the index does."""

COUNTED_BY_READING = 2_000
"""Up to so many entries are counted one by one; more by known places, where there are some."""

MAX_ALTERNATIVES = 10
"""How many conditions joined by "or" are asked of indexes."""

TRIGRAM = 3

_VALUES, _TEXTS, _LABELS = "data_manager_datavalue", "data_manager_datatext", "data_manager_datalabel"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_COMPARED = frozenset({"equal", "less", "greater", "less_or_equal", "greater_or_equal", "in", "in_list"})


@dataclass(frozen=True, slots=True)
class Lookup:
    """What an index has for a condition.

    Attributes:
        rows: a SELECT of the ids of tasks, each once; written in stretches of the index, so that it may end early.
        holds: the condition that the task `found.task_id` is among them; "" where asking one by one is of no use.
        is_exact: they are the tasks, without another look at them.
        count: how many there are; if not `is_total`, there are more.
    """

    rows: str
    holds: str
    is_exact: bool
    count: int = 0
    is_total: bool = True


class Lookups:
    """Looks conditions up in the indexes of one project.

    Args:
        sight: whose completions count.
        parameters: take the values of every lookup, which can so stand in one statement.
    """

    def __init__(self, project: Project, sight: Sight, parameters: Parameters) -> None:
        self._project = project
        self._sight = sight
        self._parameters = parameters

    def of(self, condition: Comparison | Group, most: int) -> Lookup | None:
        """Return what indexes have for a condition, counted up to `most`; None when none knows it well."""
        if isinstance(condition, Group):
            return self._any_of(condition, most) if condition.any else self._best_of(condition, most)
        lookup = self._of_comparison(condition)
        if lookup is None:
            return None
        few = self.counted(lookup, min(most, COUNTED_BY_READING))
        if few.is_total:
            return few
        total = count_of_ranges(self._project, condition)
        return self.counted(lookup, most) if total is None else replace(lookup, count=total)

    def counted(self, lookup: Lookup, most: int) -> Lookup:
        """Return the lookup with its count, which goes up to one more than `most`."""
        statement = f"SELECT count(*) FROM (SELECT FROM ({lookup.rows}) AS v LIMIT {most + 1}) AS few"  # noqa: S608
        ((count,),) = search(statement, self._parameters)
        return replace(lookup, count=count, is_total=count <= most)

    def ids_of(self, lookup: Lookup, most: int) -> list[int] | None:
        """Return the ids of the tasks that a lookup has; None when they are more than `most`."""
        ids = [pk for (pk,) in search(f"{lookup.rows} LIMIT {most + 1}", self._parameters)]
        return None if len(ids) > most else ids

    def _best_of(self, group: Group, most: int) -> Lookup | None:
        lookups = [self.of(item, most) for item in group.required()]
        return min((one for one in lookups if one is not None), key=lambda one: one.count, default=None)

    def _any_of(self, group: Group, most: int) -> Lookup | None:
        """Return the tasks of all conditions together; each of them must be found, and all be few."""
        if len(group.items) > MAX_ALTERNATIVES:
            return None
        found: list[Lookup] = []
        for item in group.items:
            lookup = self.of(item, most)
            if lookup is None or sum(one.count for one in found) + lookup.count > most:
                return None
            found.append(lookup)
        rows = " UNION ".join(f"({one.rows})" for one in found)
        return Lookup(rows, holds="", is_exact=False, count=sum(one.count for one in found))

    def _of_comparison(self, comparison: Comparison) -> Lookup | None:
        column, operator = comparison.column, comparison.operator
        if column.id == "labels":
            return self._of_labels(comparison)
        is_text = column.id == "data" or (column.key and column.type == ColumnType.STRING)
        if is_text and operator in ("contains", "regex"):
            return self._rare_text(comparison) if len(comparison.operand) >= TRIGRAM else None
        if not column.key or column.type not in _PURPOSES or not _is_known(comparison):
            return None
        index = complete_index(self._project, column.key, _PURPOSES[column.type])
        if index is None:
            return None
        of_key = f"v.key_id = {self._parameters.mark(index)}"
        if column.type == ColumnType.DATETIME:
            return self._of_moments(comparison, of_key)
        if column.type == ColumnType.NUMBER:
            return _entries(of_key, self._of_numbers(operator, comparison.operand))
        is_whole = operator == "empty" or all(len(text) < VALUE_LENGTH for text in listed(comparison.operand))
        return _entries(of_key, self._of_texts(operator, comparison.operand), is_exact=is_whole)

    def _of_numbers(self, operator: str, operand: Any) -> list[str]:
        """Return the stretches of numbers (kind 0), texts (1) and missing values (2) that a comparison means."""
        if operator == "empty":
            return ["v.kind = 1", "v.kind = 2"] if operand else ["v.kind = 0"]
        if operator not in NEGATED:
            compared = compare("v.number", ColumnType.NUMBER, operator, operand, self._parameters)
            return [f"v.kind = 0 AND {compared}"]
        numbers = [f"v.kind = 0{rest}" for rest in self._outside("v.number", operand)]
        return ["v.kind = 1", "v.kind = 2", *numbers]

    def _outside(self, value: str, operand: Any) -> list[str]:
        """Return the stretches outside of a range (least, most), or between some values, each with its AND."""
        mark = self._parameters.mark
        if isinstance(operand, tuple):
            least, most = operand
            below = [] if least is None else [f" AND {value} < {mark(least)}"]
            return below + ([] if most is None else [f" AND {value} > {mark(most)}"])
        points = sorted(set(listed(operand)))
        if not points:
            return [""]
        between = [f" AND {value} > {mark(low)} AND {value} < {mark(high)}" for low, high in pairwise(points)]
        return [f" AND {value} < {mark(points[0])}", *between, f" AND {value} > {mark(points[-1])}"]

    def _of_texts(self, operator: str, operand: Any) -> list[str]:
        if operator == "empty":
            empty = [
                f"v.kind = 1 AND v.number IS NULL AND v.value = {self._parameters.mark(text)}"
                for text in EMPTY_TEXTS
            ]
            texts = [
                f"v.kind = 1 AND v.number IS NULL{rest}"
                for rest in self._outside("v.value", list(EMPTY_TEXTS))
            ]
            return ["v.kind = 2", *empty] if operand else ["v.kind = 0", *texts]
        texts = list(dict.fromkeys(listed(operand)))
        numbers = numbers_in(texts)
        if operator == "not_equal":
            return self._other_texts(operand, numbers[0])
        return [self._text(text, number) for text, number in zip(texts, numbers, strict=True)]

    def _text(self, text: str, number: str | None) -> str:
        value = f"v.value = {self._parameters.mark(text[:VALUE_LENGTH])}"
        if number is None:
            return f"v.kind = 1 AND v.number IS NULL AND {value}"
        return f"v.kind = 0 AND v.number = {self._parameters.mark(number)}::numeric AND {value}"

    def _other_texts(self, text: str, number: str | None) -> list[str]:
        values = self._outside("v.value", text)
        if number is None:
            return [
                "v.kind = 0",
                "v.kind = 2",
                *(f"v.kind = 1 AND v.number IS NULL{rest}" for rest in values),
            ]
        same = f"v.kind = 0 AND v.number = {self._parameters.mark(number)}::numeric"
        numbers = [f"v.kind = 0{rest}" for rest in self._outside("v.number", number)]
        return ["v.kind = 1", "v.kind = 2", *numbers, *(f"{same}{rest}" for rest in values)]

    def _of_moments(self, comparison: Comparison, of_key: str) -> Lookup:
        """Return the stretches of moments (kind 0, as seconds since 1970), of such as "today" (1), and of none (2)."""
        operator, operand = comparison.operator, _in_seconds(comparison.operand)
        if operator == "empty":
            return _entries(of_key, ["v.kind = 2"] if operand else ["v.kind = 0", "v.kind = 1"])
        stretches = self._of_numbers(operator, operand)
        first_other = (
            f"SELECT v.kind FROM {_VALUES} v WHERE {of_key} AND v.kind >= 1"  # noqa: S608 - own text
            " ORDER BY v.kind, v.number, v.value, v.task_id LIMIT 1"
        )
        has_relative = search(first_other, self._parameters) == [(1,)]
        if has_relative and operator not in NEGATED:
            stretches.append("v.kind = 1")
        return _entries(of_key, stretches, is_exact=not has_relative)

    def _of_labels(self, comparison: Comparison) -> Lookup | None:
        labels = labels_in(comparison)
        condition = labels and condition_of_labels(self._project, labels, self._parameters)
        if not condition:
            return None
        rows = f"SELECT DISTINCT v.task_id FROM {_LABELS} v WHERE {condition}"  # noqa: S608 - own text
        of_task = f"{condition} AND v.task_id = found.task_id"
        holds = f"(SELECT TRUE FROM {_LABELS} v WHERE {of_task} LIMIT 1)"  # noqa: S608 - own text
        # The index has everybody's labels.
        return Lookup(rows, holds, is_exact=self._sight.own_only is None)

    def _rare_text(self, comparison: Comparison) -> Lookup | None:
        index = complete_index(self._project, comparison.column.key, IndexPurpose.TEXTS)
        if index is None:
            return None
        of_key = f"v.key_id = {self._parameters.mark(index)}"
        compared = compare(
            "v.value", ColumnType.STRING, comparison.operator, comparison.operand, self._parameters
        )
        sampled = (
            f"SELECT count(*) FILTER (WHERE {compared}) FROM (SELECT v.value FROM {_TEXTS} v"  # noqa: S608 - own text
            f" WHERE {of_key} ORDER BY v.task_id LIMIT {SAMPLE}) v"
        )
        ((hits,),) = search(sampled, self._parameters)
        if hits >= FREQUENT:
            return None
        rows = f"SELECT v.task_id FROM {_TEXTS} v WHERE {of_key} AND {compared}"  # noqa: S608 - own text
        holds = f"({rows} AND v.task_id = found.task_id) IS NOT NULL"
        return Lookup(rows, holds, is_exact=True)


_PURPOSES = {
    ColumnType.NUMBER: IndexPurpose.VALUES,
    ColumnType.STRING: IndexPurpose.VALUES,
    ColumnType.DATETIME: IndexPurpose.TIMES,
}


def _is_known(comparison: Comparison) -> bool:
    """Whether a comparison means a few stretches of an index."""
    operator, operand = comparison.operator, comparison.operand
    is_few = isinstance(operand, tuple) or len(listed(operand)) <= MAX_POINTS
    if operator == "empty":
        return True
    if comparison.column.type == ColumnType.STRING:
        if operator == "not_equal":
            return len(operand) < VALUE_LENGTH
        return operator in ("equal", "in", "in_list") and isinstance(operand, str | list) and is_few
    return operator in _COMPARED or (operator in NEGATED and is_few)


def _entries(of_key: str, stretches: Sequence[str], *, is_exact: bool = True) -> Lookup:
    stretches = stretches or ["FALSE"]  # an empty list has no values
    rows = " UNION ALL ".join(
        f"SELECT v.task_id FROM {_VALUES} v WHERE {of_key} AND {stretch}"  # noqa: S608 - own text
        for stretch in stretches
    )
    either = " OR ".join(f"({stretch})" for stretch in stretches)
    # A scalar subquery is carried out for each task, by the key of the table; EXISTS may become a join of all entries.
    holds = f"(SELECT {either} FROM {_VALUES} v WHERE {of_key} AND v.task_id = found.task_id)"  # noqa: S608 - own text
    return Lookup(rows, holds, is_exact)


def _in_seconds(operand: Any) -> Any:
    """Return moments as exact seconds since 1970, as the index has them."""
    if isinstance(operand, datetime):
        passed = operand - _EPOCH
        return Decimal(passed.days * 86_400 + passed.seconds) + Decimal(passed.microseconds) / 1_000_000
    if isinstance(operand, tuple):
        return tuple(_in_seconds(one) for one in operand)
    return [_in_seconds(one) for one in operand] if isinstance(operand, list) else operand
