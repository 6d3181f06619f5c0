"""Finds tasks: pages of them by number, how many there are, and all of them batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import DataError

from apps.core.bounded_queries import rows_within
from apps.core.errors import ValidationFailed
from apps.data_manager.conditions import EVERYBODYS, Parameters, Sight
from apps.data_manager.filters import NO_FILTERS, Group
from apps.data_manager.ordering import Ordering, order_by
from apps.data_manager.selection import EVERYTHING, Selection
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.tasks.queries import page_of_ids

TIME_LIMIT = timedelta(seconds=10)
"""How long one search may take while somebody waits."""

BACKGROUND_TIME_LIMIT = timedelta(minutes=10)

COUNTED = 10_000
"""Up to here filtered tasks are counted; beyond, the total is said to be a lower bound."""

COUNTED_BY_ANSWERS = 1_000
"""The same for filters that look into completions or predictions."""


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks of a project are meant, in which order, and whose completions count for the filters.

    Attributes:
        up_to: tasks with a higher id, which came later, are left out.
    """

    project: Project
    filters: Group = NO_FILTERS
    ordering: Ordering = ()
    selection: Selection = EVERYTHING
    sight: Sight = EVERYBODYS
    up_to: int | None = None

    @property
    def counted(self) -> int:
        """Up to how many tasks the total is exact."""
        return COUNTED_BY_ANSWERS if self.filters.reads_answers else COUNTED

    @property
    def is_everything(self) -> bool:
        """Whether every task of the project is meant."""
        return not self.filters and self.selection == EVERYTHING and self.up_to is None

    def condition(self, parameters: Parameters) -> str:
        """Return what stands behind WHERE, for a task `t`."""
        parts = [f"t.project_id = {parameters.mark(self.project.pk)}"]
        if self.up_to is not None:
            parts.append(f"t.id <= {parameters.mark(self.up_to)}")
        if self.selection != EVERYTHING:
            parts.append(self.selection.sql(parameters))
        if self.filters:
            parts.append(self.filters.sql(parameters, self.sight))
        return " AND ".join(parts)


@dataclass(frozen=True, slots=True)
class Page:
    """The ids of a page of tasks, and the totals of all tasks that were found.

    Attributes:
        is_lower_bound: there are more tasks than the totals count.
    """

    ids: list[int]
    total: int
    completions: int
    predictions: int
    is_lower_bound: bool = False


_SORTED_IDS = "SELECT t.id FROM tasks_task t WHERE {where} ORDER BY {order} OFFSET {offset} LIMIT {limit}"

# The first rows are found, counted and cut in one pass: a rare value is searched for once, and for a frequent one the
# search ends early.
_FOUND = """
WITH found AS MATERIALIZED (
    SELECT t.id, t.completions_count, t.predictions_count
    FROM tasks_task t WHERE {where} ORDER BY {order} LIMIT {bound}
)
SELECT (SELECT count(*) FROM found), (SELECT coalesce(sum(completions_count), 0) FROM found),
       (SELECT coalesce(sum(predictions_count), 0) FROM found),
       ARRAY(SELECT id FROM found OFFSET {offset} LIMIT {limit})
"""


def find_page(query: TaskQuery, *, page: int, page_size: int) -> Page:
    """Return page number `page` (from 1) of the tasks that `query` means; past the end it has no ids.

    Raises:
        ValidationFailed: the search takes longer than `TIME_LIMIT`, or a regular expression is none.
    """
    start = (page - 1) * page_size
    if query.is_everything:
        return _page_of_everything(query, start, page_size)
    found = _counted_page(query, start, page_size)
    if not found.is_lower_bound or found.ids or start < query.counted:
        return found
    ids = _sorted_ids(query, start, page_size)
    return Page(ids, found.total, found.completions, found.predictions, is_lower_bound=True)


def _page_of_everything(query: TaskQuery, start: int, page_size: int) -> Page:
    totals = totals_of([query.project.pk])[query.project.pk]
    size = max(0, min(page_size, totals.tasks - start))
    if size and (not query.ordering or query.ordering[0].is_id):
        descending = bool(query.ordering) and query.ordering[0].descending
        ids = page_of_ids(query.project, start=start, size=size, total=totals.tasks, descending=descending)
    elif size:
        backwards = start + size > totals.tasks // 2
        offset = totals.tasks - start - size if backwards else start
        ids = _sorted_ids(query, offset, size, backwards=backwards)
    else:
        ids = []
    return Page(ids, totals.tasks, totals.completions, totals.predictions)


def _counted_page(query: TaskQuery, start: int, page_size: int) -> Page:
    parameters, counted = Parameters(), query.counted
    statement = _FOUND.format(
        where=query.condition(parameters),
        order=order_by(query.ordering, parameters, query.sight),
        bound=counted + 1, offset=min(start, counted + 1), limit=max(0, min(page_size, counted - start)),
    )  # fmt: skip
    ((count, completions, predictions, ids),) = search(statement, parameters)
    is_lower_bound = count > counted
    if is_lower_bound and start < counted < start + page_size:
        ids = _sorted_ids(query, start, page_size)
    return Page(ids, min(count, counted), int(completions), int(predictions), is_lower_bound)


def _sorted_ids(query: TaskQuery, offset: int, limit: int, *, backwards: bool = False) -> list[int]:
    parameters = Parameters()
    statement = _SORTED_IDS.format(
        where=query.condition(parameters),
        order=order_by(query.ordering, parameters, query.sight, backwards=backwards),
        offset=parameters.mark(offset),
        limit=parameters.mark(limit),
    )
    ids = [pk for (pk,) in search(statement, parameters)]
    return ids[::-1] if backwards else ids


def search(statement: str, parameters: Parameters, limit: timedelta | None = None) -> list[tuple[Any, ...]]:
    """Return the rows of a statement about tasks.

    Args:
        limit: how long it may take; None: `TIME_LIMIT`.

    Raises:
        ValidationFailed: it takes longer, or a regular expression in it is none.
    """
    limit = limit or TIME_LIMIT
    try:
        rows = rows_within(limit, statement, parameters)
    except DataError as error:
        reason = str(error).strip().splitlines()[0]
        raise ValidationFailed(f"The tasks cannot be searched like this: {reason}.") from error
    if rows is None:
        raise ValidationFailed(
            f"The search was given up after {limit.total_seconds():g} seconds. Use fewer or simpler filters, "
            "or order by another column."
        )
    return rows


_COUNT = "SELECT count(*), max(t.id) FROM tasks_task t WHERE {where}"
_BATCH = "SELECT t.id FROM tasks_task t WHERE {where} AND t.id > {after} ORDER BY t.id LIMIT {limit}"


def count_tasks(query: TaskQuery) -> tuple[int, int]:
    """Return how many tasks `query` means, and the highest id among them (0 for none).

    Raises:
        ValidationFailed: as for `find_page`.
    """
    parameters = Parameters()
    ((count, highest),) = search(_COUNT.format(where=query.condition(parameters)), parameters)
    return count, highest or 0


def batches_of_ids(query: TaskQuery, size: int) -> Iterator[list[int]]:
    """Yield the ids of all tasks that `query` means, in ascending order, at most `size` at a time.

    Each batch is found when it is asked for: what changed until then counts.

    Raises:
        ValidationFailed: as for `find_page`.
    """
    after = 0
    while True:
        parameters = Parameters()
        statement = _BATCH.format(
            where=query.condition(parameters), after=parameters.mark(after), limit=parameters.mark(size)
        )
        ids = [pk for (pk,) in search(statement, parameters, BACKGROUND_TIME_LIMIT)]
        if not ids:
            return
        yield ids
        after = ids[-1]
