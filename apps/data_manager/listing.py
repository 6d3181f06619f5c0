"""Finds tasks: pages of them by number, how many there are, and all of them batch by batch."""

from __future__ import annotations

from collections.abc import Iterator

from apps.completions.own_tasks import page_of_own_tasks
from apps.data_manager.conditions import Parameters
from apps.data_manager.indexed_pages import indexed_order, indexed_page
from apps.data_manager.ordered_tasks import WORTH_WALKING, page_by_walking
from apps.data_manager.ordering import order_by
from apps.data_manager.searching import BACKGROUND_TIME_LIMIT, search
from apps.data_manager.task_query import Page, TaskQuery
from apps.projects.queries import totals_of
from apps.tasks.queries import page_of_ids, totals_and_ids

COUNTED = 10_000
"""Up to here filtered tasks are counted; beyond, the total is said to be a lower bound."""

COUNTED_BY_READING = 1_000
"""The same for filters that look into completions or predictions, or into the data of many tasks without an index, and
where tasks are read in another order than that of their ids."""

STEPPED_OVER = 2_000
"""How many tasks are stepped over from the begin, without a look at how many there are."""

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
    if query.is_every_own_task:
        return _page_of_own(query, start, page_size)
    if (indexed := indexed_page(query, start=start, page_size=page_size)) is not None:
        return indexed
    if (walked := _walked_page(query, start, page_size)) is not None:
        return walked
    counted = _counted(query)
    found = _counted_page(query, start, page_size, counted)
    if not found.is_lower_bound or found.ids or start < counted:
        return found
    ids = _sorted_ids(query, start, page_size)
    return Page(ids, found.total, found.completions, found.predictions, is_lower_bound=True)


def _page_of_everything(query: TaskQuery, start: int, page_size: int) -> Page:
    if query.is_by_id and start <= STEPPED_OVER:
        totals, ids = totals_and_ids(
            query.project, start=start, size=page_size, descending=query.is_descending
        )
        return Page(ids, totals.tasks, totals.completions, totals.predictions)
    totals = totals_of([query.project.pk])[query.project.pk]
    size = max(0, min(page_size, totals.tasks - start))
    if size and query.is_by_id:
        ids = page_of_ids(
            query.project, start=start, size=size, total=totals.tasks, descending=query.is_descending
        )
    elif size:
        ids = _ordered_ids(query, start, size, totals.tasks)
    else:
        ids = []
    return Page(ids, totals.tasks, totals.completions, totals.predictions)


def _page_of_own(query: TaskQuery, start: int, page_size: int) -> Page:
    person = query.only_tasks_of or 0
    found = page_of_own_tasks(
        query.project, person, start=start, size=page_size, descending=query.is_descending
    )
    return Page(found.ids, found.total, found.completions, found.predictions)


def _counted(query: TaskQuery) -> int:
    """Return up to how many tasks the total is exact."""
    if query.filters.reads_answers:
        return min(COUNTED, COUNTED_BY_READING)
    is_large = query.filters.reads_data and query.project.last_inner_id > COUNTED
    if is_large and totals_of([query.project.pk])[query.project.pk].tasks > COUNTED:
        return min(COUNTED, COUNTED_BY_READING)
    return COUNTED


def _walked_page(query: TaskQuery, start: int, page_size: int) -> Page | None:
    if query.is_by_id or query.project.last_inner_id <= WORTH_WALKING:
        return None
    tasks = totals_of([query.project.pk])[query.project.pk].tasks
    # Each task is looked at where it stands, which is another block for nearly each of them.
    return page_by_walking(query, start=start, page_size=page_size, counted=COUNTED_BY_READING, tasks=tasks)


def _counted_page(query: TaskQuery, start: int, page_size: int, counted: int) -> Page:
    parameters = Parameters()
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


def _ordered_ids(query: TaskQuery, start: int, size: int, total: int) -> list[int]:
    ids = indexed_order(query, start=start, size=size, total=total)
    if ids is not None:
        return ids
    from_end = total - start - size
    backwards = from_end < start
    return _sorted_ids(query, from_end if backwards else start, size, backwards=backwards)


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


__all__ = ["COUNTED", "Page", "TaskQuery", "batches_of_ids", "count_tasks", "find_page", "search"]
