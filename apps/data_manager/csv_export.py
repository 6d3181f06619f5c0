"""The tasks of a view as CSV: its columns and its order, row by row, however many there are."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from apps.core.formula_cells import neutralized
from apps.data_manager.columns import COLUMNS, Column, ColumnType, Rows, find_column
from apps.data_manager.conditions import LABELS_OF_COMPLETION, Parameters, Sight, data_text, expression
from apps.data_manager.data_keys import data_columns
from apps.data_manager.ordering import order_by
from apps.data_manager.searching import search
from apps.data_manager.task_query import TaskQuery
from apps.exports.services import ExportStream
from apps.projects.models import Project

ROWS_PER_FETCH = 1_000
SEPARATOR = ", "
FETCH_TIME = timedelta(minutes=1)
"""How long one batch may take; the first one sorts all tasks."""


def shown_columns(project: Project, names: Sequence[str]) -> list[Column]:
    """Return the columns of these names, the id first; without names, those that a new table shows.

    Raises:
        ValidationFailed: one is no column.
    """
    chosen = [find_column(name.removeprefix("tasks:")) for name in names]
    if not chosen:
        keys = [column for column, _ in data_columns(project) if "." not in column.key]
        chosen = [*keys, *(column for column in COLUMNS if column.is_shown)]
    by_name = {column.id: column for column in (find_column("id"), *chosen)}
    return list(by_name.values())


def csv_of(query: TaskQuery, columns: Sequence[Column]) -> ExportStream:
    """Return the tasks that `query` means as a CSV file with a line of titles, in UTF-8.

    What a spreadsheet would run as a formula is escaped. Nothing is read before the first piece is asked for, so no
    transaction waits for a client; what could be wrong with the search is looked at here.

    Raises:
        ValidationFailed: a regular expression is none.
    """
    for pattern in query.filters.patterns:
        parameters = Parameters()
        search(f"SELECT '' ~ {parameters.mark(pattern)}", parameters)
    now = timezone.now()
    return ExportStream(
        filename=f"project-{query.project.pk}-tasks-{now:%Y-%m-%d-%H-%M}.csv",
        content_type="text/csv; charset=utf-8",
        pieces=_lines(columns, _rows(query, columns)),
    )


def _rows(query: TaskQuery, columns: Sequence[Column]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows in batches, of one snapshot."""
    parameters = Parameters()
    selected = ", ".join(_value(column, parameters, query.sight) for column in columns)
    statement = (
        f"SELECT {selected} FROM tasks_task t WHERE {query.condition(parameters)}"  # noqa: S608 - own text
        f" ORDER BY {order_by(query.ordering, parameters, query.sight)}"
    )
    milliseconds = int(FETCH_TIME.total_seconds() * 1000)
    connection = connections["default"]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
        with closing(connection.connection.cursor(name=f"csv_{uuid.uuid4().hex}")) as rows:
            rows.execute(statement, parameters)
            while batch := rows.fetchmany(ROWS_PER_FETCH):
                yield batch


_LISTS = {
    Rows.COMPLETIONS: "(SELECT {value} FROM completions_completion c WHERE c.task_id = t.id {own})",
    Rows.PREDICTIONS: "(SELECT {value} FROM predictions_prediction p WHERE p.task_id = t.id)",
    Rows.ASSIGNMENTS: "(SELECT {value} FROM tasks_assignment a WHERE a.task_id = t.id {own})",
}

_LABELS = f"""ARRAY(SELECT DISTINCT label FROM completions_completion c, unnest({LABELS_OF_COMPLETION}) AS label
WHERE c.task_id = t.id {{own}} ORDER BY label)"""  # noqa: S608 - own text


def _value(column: Column, parameters: Parameters, sight: Sight) -> str:
    if column.key:
        return data_text(column.key, parameters)
    if column.rows is None:
        return expression(column, parameters, sight)
    own = sight.condition_of(column.rows, parameters)
    if column.id == "labels":
        return _LABELS.format(own=own)
    # Results are JSON texts: all of them are put side by side.
    values = "string_agg({sql}, ' ')" if column.type == ColumnType.STRING else "array_agg(DISTINCT {sql})"
    return _LISTS[column.rows].format(value=values.format(sql=column.sql), own=own)


def _lines(columns: Sequence[Column], batches: Iterator[list[tuple[Any, ...]]]) -> Iterator[bytes]:
    yield _written([[column.title if not column.key else column.key for column in columns]])
    for batch in batches:
        yield _written([[_cell(value) for value in row] for row in batch])


def _written(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[neutralized(cell) for cell in row] for row in rows])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        return SEPARATOR.join(str(item) for item in value if item is not None)
    return str(value)
