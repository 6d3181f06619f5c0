"""Tasks that one index has found, in the order that another one has.

Either the order is read, from the nearer end, until enough tasks are among those found; or those are sorted. Both ask
the indexes alone, and whichever takes fewer steps is done.
"""

from __future__ import annotations

from dataclasses import dataclass

from apps.data_manager.conditions import Parameters
from apps.data_manager.key_indexes import complete_index
from apps.data_manager.lookups import Lookup
from apps.data_manager.models import IndexPurpose
from apps.data_manager.ordered_tasks import COMPLETED, ordered_tasks
from apps.data_manager.searching import answers_of, search
from apps.data_manager.task_query import Page, TaskQuery

MAX_STEPS = 100_000
"""How many tasks are looked at in their order, or sorted."""

UNEVEN = 3
"""How many times as many steps are tried as it would take if those found were spread evenly over the order."""

_AMONG_FOUND = """
SELECT found.task_id FROM ({ordered} LIMIT {steps}) AS found WHERE {holds} OFFSET {offset} LIMIT {limit}
"""
_SORTED = """
SELECT v.task_id FROM ({rows}) AS found JOIN {values} ON v.task_id = found.task_id
ORDER BY {order} OFFSET {offset} LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What an index has found.

    Attributes:
        lookup: exact, with how many tasks there are.
        parameters: its values.
        tasks: how many the project has.
    """

    lookup: Lookup
    parameters: Parameters
    tasks: int


def page_of_found(query: TaskQuery, found: Found, *, start: int, page_size: int, counted: int) -> Page | None:
    """Return a page of the tasks that the only filter means; None as for `ordered_ids`.

    Args:
        found: what passes the filter.
        start: how many tasks come before.
        counted: what the total says where there are more than is counted.
    """
    ids = ordered_ids(query, found, start=start, size=page_size)
    if ids is None:
        return None
    total = found.lookup.count if found.lookup.is_total else min(found.lookup.count, counted)
    return Page(ids, total, *answers_of(ids), is_lower_bound=True)


def ordered_ids(query: TaskQuery, found: Found, *, start: int, size: int) -> list[int] | None:
    """Return some of the found tasks in the order of a query, whose filters are passed over.

    None where no index has the order, and where it would take more than `MAX_STEPS`.

    Args:
        start: how many come before.
    """
    count = found.lookup.count
    if found.lookup.is_total:
        size = min(size, count - start)
        if size <= 0:
            return []
    from_end = count - start - size
    backwards = found.lookup.is_total and from_end < start
    offset = from_end if backwards else start
    steps = (offset + size) * found.tasks // max(count, 1)
    if steps < count and steps * UNEVEN <= MAX_STEPS:
        ids = _among_found(query, found, offset, size, steps * UNEVEN, backwards=backwards)
        if ids is None or len(ids) == size:
            return ids
    return _sorted(query, found, start, size) if count <= MAX_STEPS else None


def _among_found(
    query: TaskQuery, found: Found, offset: int, size: int, steps: int, *, backwards: bool
) -> list[int] | None:
    parameters = Parameters(found.parameters)
    ordered = ordered_tasks(query, parameters, backwards=backwards)
    if ordered is None:
        return None
    statement = _AMONG_FOUND.format(
        ordered=ordered, steps=steps, holds=found.lookup.holds, offset=offset, limit=size
    )
    ids = [pk for (pk,) in search(statement, parameters)]
    return ids[::-1] if backwards else ids


def _sorted(query: TaskQuery, found: Found, start: int, size: int) -> list[int] | None:
    parameters = Parameters(found.parameters)
    if ordered_tasks(query, parameters) is None:
        return None
    values, order = _values_in_order(query, parameters)
    statement = _SORTED.format(rows=found.lookup.rows, values=values, order=order, offset=start, limit=size)
    return [pk for (pk,) in search(statement, parameters)]


def _values_in_order(query: TaskQuery, parameters: Parameters) -> tuple[str, str]:
    """Return the table `v` whose rows have the values of the order, by `task_id`, and what stands behind ORDER BY."""
    first = query.ordering[0]
    way = "DESC" if first.descending else "ASC"
    if first.column.id == COMPLETED:
        table = "(SELECT id AS task_id, completed_at FROM tasks_task) AS v"
        return table, f"v.completed_at {way} NULLS LAST, v.task_id {way}"
    index = complete_index(query.project, first.column.key, IndexPurpose.VALUES)
    table = f"(SELECT * FROM data_manager_datavalue WHERE key_id = {parameters.mark(index)}) AS v"  # noqa: S608
    return table, f"v.kind, v.number {way}, v.value {way}, v.task_id {way}"
