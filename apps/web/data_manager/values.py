"""Reads what a page of the table shows of its tasks: one statement for the tasks, one for each kind of answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from apps.data_manager.columns import Column, ColumnType, Rows
from apps.data_manager.conditions import LABELS_OF_COMPLETION, Parameters, Sight, data_text, expression

READ = 2_000
"""How many characters of a text are read: addresses of files may be long, the table shows less of texts."""

MAX_ANSWERS = 5_000
"""How many completions, or predictions, of a page are looked at."""

_TABLES = {
    Rows.COMPLETIONS: "completions_completion c",
    Rows.PREDICTIONS: "predictions_prediction p",
    Rows.ASSIGNMENTS: "tasks_assignment a",
}

Values = dict[str, Any]
"""The values of one task, by the name of the column."""


def values_of(task_ids: Sequence[int], columns: Sequence[Column], sight: Sight) -> dict[int, Values]:
    """Return the values of `columns` for each task that is still there, with `id`, `inner_id` and `state` besides.

    Args:
        task_ids: tasks that the person who asks may see.
    """
    if not task_ids:
        return {}
    found = _of_tasks(task_ids, [column for column in columns if not column.rows], sight)
    for kind in Rows:
        wanted = [column for column in columns if column.rows == kind]
        if wanted:
            for task_id, lists in _of_answers(task_ids, wanted, kind, sight).items():
                if task_id in found:
                    found[task_id].update(lists)
    return found


def _of_tasks(task_ids: Sequence[int], columns: Sequence[Column], sight: Sight) -> dict[int, Values]:
    parameters = Parameters()
    selected = ", ".join(_selected(column, parameters, sight) for column in columns)
    statement = (
        f"SELECT t.id{', ' if selected else ''}{selected} FROM tasks_task t"  # noqa: S608
        f" WHERE t.id = ANY({parameters.mark(list(task_ids))}::bigint[])"
    )
    names = ["id", *(column.id for column in columns)]
    return {row[0]: dict(zip(names, row, strict=True)) for row in _read(statement, parameters)}


def _selected(column: Column, parameters: Parameters, sight: Sight) -> str:
    value = data_text(column.key, parameters) if column.key else expression(column, parameters, sight)
    return f"left({value}, {READ})" if column.type == ColumnType.STRING else value


def _of_answers(
    task_ids: Sequence[int], columns: Sequence[Column], kind: Rows, sight: Sight
) -> Mapping[int, Values]:
    parameters = Parameters()
    alias = kind.value[0]
    own = sight.condition_of(kind, parameters)
    selected = ", ".join(_answer_value(column) for column in columns)
    statement = (
        f"SELECT {alias}.task_id, {selected} FROM {_TABLES[kind]}"  # noqa: S608
        f" WHERE {alias}.task_id = ANY({parameters.mark(list(task_ids))}::bigint[]) {own}"
        f" ORDER BY {alias}.task_id, {alias}.id LIMIT {MAX_ANSWERS}"
    )
    found: dict[int, Values] = defaultdict(dict)
    for task_id, *values in _read(statement, parameters):
        for column, value in zip(columns, values, strict=True):
            each = value if isinstance(value, list) else [value]
            found[task_id].setdefault(column.id, {}).update(
                dict.fromkeys(one for one in each if one is not None)
            )
    return {task_id: {name: list(each) for name, each in lists.items()} for task_id, lists in found.items()}


def _answer_value(column: Column) -> str:
    if column.id == "labels":
        return LABELS_OF_COMPLETION
    return f"left({column.sql}, {READ})" if column.type == ColumnType.STRING else column.sql


def _read(statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
