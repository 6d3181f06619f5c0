"""Tasks that one index has found, in the order that another one has.

Either the order is read, from the nearer end, until enough tasks are among those found, each of which is looked up or
all of which are known before; or those are sorted. All ask the indexes alone, and what takes the least time is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.data_manager.conditions import Parameters
from apps.data_manager.key_indexes import complete_index
from apps.data_manager.lookups import Lookup
from apps.data_manager.models import IndexPurpose
from apps.data_manager.ordered_tasks import COMPLETED, ordered_tasks
from apps.data_manager.searching import answers_of, search
from apps.data_manager.task_query import Page, TaskQuery

MAX_STEPS = 100_000
"""How many tasks are looked up, one after the other in their order."""

MAX_KNOWN = 200_000
"""How many found tasks are known while the order is read: as a hash table, they fit into PostgreSQL's usual memory."""

MAX_SORTED = 500_000
"""How many found tasks are sorted."""

STEPS_TO_KNOW_ALL = 16
"""So many found tasks are known in the time in which one is looked up."""

STEPS_TO_SORT_ONE = 6
"""So many tasks are read in their order in the time in which one that was found is sorted."""

UNEVEN = 3
"""How many times as many steps are tried as it would take if those found were spread evenly over the order."""

_AMONG_FOUND = """
SELECT found.task_id FROM ({ordered} LIMIT {steps}) AS found WHERE {holds} OFFSET {offset} LIMIT {limit}
"""
# Of a condition on a truth value Postgres makes no join, in which the order would be lost. The limit tells it how large
# the hash table is going to be.
_AMONG_KNOWN = """
SELECT found.task_id FROM ({ordered}) AS found
WHERE (found.task_id IN (SELECT known.task_id FROM ({rows}) AS known (task_id) LIMIT {count})) IS TRUE
OFFSET {offset} LIMIT {limit}
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

    None where no index has the order, and where there are too many to know or to sort.

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
    if steps < count and steps * UNEVEN <= MAX_STEPS and not _is_better_known(found, steps):
        ids = _looked_up(query, found, offset, size, steps * UNEVEN, backwards=backwards)
        if ids is None or len(ids) == size:
            return ids
    if count <= MAX_KNOWN and found.lookup.is_total and steps < count * STEPS_TO_SORT_ONE:
        return _among_known(query, found, offset, size, backwards=backwards)
    return _sorted(query, found, start, size) if count <= MAX_SORTED else None


def _is_better_known(found: Found, steps: int) -> bool:
    """Whether knowing all found tasks takes less time than looking up as many as are read in their order."""
    count = found.lookup.count
    return found.lookup.is_total and count <= min(MAX_KNOWN, steps * STEPS_TO_KNOW_ALL)


def _looked_up(
    query: TaskQuery, found: Found, offset: int, size: int, steps: int, *, backwards: bool
) -> list[int] | None:
    values = {"steps": steps, "holds": found.lookup.holds, "offset": offset, "limit": size}
    return _in_order(query, found, _AMONG_FOUND, values, backwards=backwards)


def _among_known(
    query: TaskQuery, found: Found, offset: int, size: int, *, backwards: bool
) -> list[int] | None:
    values = {"rows": found.lookup.rows, "count": found.lookup.count, "offset": offset, "limit": size}
    return _in_order(query, found, _AMONG_KNOWN, values, backwards=backwards)


def _in_order(
    query: TaskQuery, found: Found, statement: str, values: dict[str, Any], *, backwards: bool
) -> list[int] | None:
    """Return what a statement over the `ordered` tasks finds, in their order; None when no index has that order."""
    parameters = Parameters(found.parameters)
    ordered = ordered_tasks(query, parameters, backwards=backwards)
    if ordered is None:
        return None
    ids = [pk for (pk,) in search(statement.format(ordered=ordered, **values), parameters)]
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
