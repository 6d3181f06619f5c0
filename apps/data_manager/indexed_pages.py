"""Pages of tasks found through the indexes of data keys, where one serves (docs/adr/0010)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from math import prod

from apps.data_manager.conditions import Parameters
from apps.data_manager.filters import Group
from apps.data_manager.found_tasks import Found, page_of_found
from apps.data_manager.key_indexes import complete_index, may_have_indexes
from apps.data_manager.label_index import page_of_label
from apps.data_manager.lookups import Lookup, Lookups
from apps.data_manager.models import IndexPurpose
from apps.data_manager.ordered_tasks import page_of_all
from apps.data_manager.ordering import order_by
from apps.data_manager.orders_of_several_keys import page_in_order
from apps.data_manager.places import page_by_places
from apps.data_manager.searching import search
from apps.data_manager.task_query import Page, TaskQuery
from apps.data_manager.value_ranges import page_of_ranges
from apps.projects.queries import totals_of

JOINED = 10_000
"""Up to so many tasks that an index finds are looked at one by one, for the rest of the filters and for the totals."""

JOINED_ALONE = 2_000
"""The same where the index is exact and there is no other filter: only for the totals of their answers."""

COUNTED_IN_ORDER = 1_000
"""What the total says, as a lower bound, of tasks in another order than that of the ids that are too many to count."""

SORTED = 100_000
FREQUENT_SHARE = 10
"""Up to `SORTED`, and a tenth of the tasks, are sorted by their ids, or compared with what another index finds; more
are frequent, and better found in order."""

STEPPED_OVER = 2_000
"""How many entries from an end of an order a page is found by stepping over them; others by known places."""

MAX_LOOKUPS = 3
"""How many of the filters are asked of an index."""


def indexed_order(query: TaskQuery, *, start: int, size: int, total: int) -> list[int] | None:
    """Return the ids of a page of all tasks in another order than that of the ids; None when no index serves.

    Args:
        start: how many tasks come before.
        total: how many there are; `start + size` is not beyond it.
    """
    keys = query.ordering[:2]
    column = keys[0].column
    if not column.key:
        return page_of_all(query, start=start, size=size, total=total)
    index = complete_index(query.project, column.key, IndexPurpose.VALUES)
    if index is None:
        return None
    # The id decides between equal values, and goes the way of the key unless the order says otherwise.
    if len(keys) > 1 and not (keys[1].is_id and keys[1].descending == keys[0].descending):
        return page_in_order(query, index, start=start, size=size)
    from_end = total - start - size
    if min(start, from_end) > STEPPED_OVER:
        ids = page_by_places(query.project, index, start=start, size=size, descending=query.is_descending)
        if ids is not None:
            return ids
    return page_of_all(query, start=start, size=size, total=total, index=index)


def indexed_page(query: TaskQuery, *, start: int, page_size: int) -> Page | None:
    """Return a page of the tasks that pass the filters; None when no index finds them better than reading tasks."""
    if not may_have_indexes(query.project):
        return None
    in_order = page_of_ranges(
        query, start=start, page_size=page_size, at_least=JOINED_ALONE
    ) or page_of_label(query, start=start, page_size=page_size, all_summed=JOINED_ALONE)
    if in_order is not None:
        return in_order
    tasks = totals_of([query.project.pk])[query.project.pk].tasks
    most = max(JOINED, min(SORTED, tasks // FREQUENT_SHARE))
    parameters = Parameters()
    lookups = Lookups(query.project, query.sight, parameters)
    asked = list(islice(query.filters.required(), MAX_LOOKUPS))
    # Conditions joined by "or" are worth it only when they are few together.
    found = [lookups.of(item, JOINED if isinstance(item, Group) else most) for item in asked]
    used = sorted((one for one in found if one is not None), key=lambda one: one.count)
    if not used:
        return None
    fewest = used[0]
    is_alone = query.filters.size == 1 and query.has_only_filters and fewest.is_exact
    if is_alone and fewest.count > JOINED_ALONE:
        alone = Found(fewest, parameters, tasks=tasks)
        found_page = _page_of_alone(query, alone, start, page_size, most)
        if found_page is not None:
            return found_page
    narrowed = _in_common(used, tasks) if fewest.count > JOINED else fewest
    candidates = lookups.ids_of(narrowed, JOINED) if narrowed and fewest.count <= most else None
    if candidates is None:
        return None
    # What an exact index has found needs no second look.
    known = [item for item, one in zip(asked, found, strict=True) if one is fewest and one.is_exact]
    return _joined_page(replace(query, filters=query.filters.without(known)), candidates, start, page_size)


def _page_of_alone(query: TaskQuery, found: Found, start: int, page_size: int, most: int) -> Page | None:
    """Return a page of what an index has found, which is all that is asked for, without a look at each task."""
    if not query.is_by_id:
        return page_of_found(query, found, start=start, page_size=page_size, counted=COUNTED_IN_ORDER)
    is_few = found.lookup.count <= most
    return _sorted_page(query, found.lookup, found.parameters, start, page_size) if is_few else None


def _in_common(used: Sequence[Lookup], tasks: int) -> Lookup | None:
    """Return what several lookups have in common; None when it is likely to be too much, or they cannot be compared.

    Args:
        tasks: how many the project has.
    """
    others = [one for one in used[1:] if one.holds]
    likely = used[0].count * prod(one.count / tasks for one in others)
    if not others or likely * 2 > JOINED:
        return None
    others_hold = " AND ".join(one.holds for one in others)
    rows = f"SELECT found.task_id FROM ({used[0].rows}) AS found WHERE {others_hold}"  # noqa: S608 - own text
    return Lookup(rows, holds="", is_exact=False)


_JOINED = """
WITH found AS MATERIALIZED (
    SELECT t.id, t.completions_count, t.predictions_count
    FROM unnest({candidates}::bigint[]) AS candidate (id) JOIN tasks_task t USING (id) WHERE {where} ORDER BY {order}
)
SELECT (SELECT count(*) FROM found), (SELECT coalesce(sum(completions_count), 0) FROM found),
       (SELECT coalesce(sum(predictions_count), 0) FROM found),
       ARRAY(SELECT id FROM found OFFSET {offset} LIMIT {limit})
"""


def _joined_page(query: TaskQuery, candidates: list[int], start: int, page_size: int) -> Page:
    parameters = Parameters()
    statement = _JOINED.format(
        candidates=parameters.mark(candidates),
        where=query.condition(parameters),
        order=order_by(query.ordering, parameters, query.sight),
        offset=min(start, JOINED + 1),
        limit=page_size,
    )
    ((total, completions, predictions, ids),) = search(statement, parameters)
    return Page(ids, total, int(completions), int(predictions))


_SORTED = """
WITH found AS MATERIALIZED (
    SELECT v.task_id FROM ({rows}) AS v ORDER BY v.task_id {way} OFFSET {offset} LIMIT {limit}
)
SELECT ARRAY(SELECT task_id FROM found), coalesce(sum(t.completions_count), 0), coalesce(sum(t.predictions_count), 0)
FROM tasks_task t WHERE t.id IN (SELECT task_id FROM found)
"""


def _sorted_page(
    query: TaskQuery, lookup: Lookup, parameters: Parameters, start: int, page_size: int
) -> Page:
    statement = _SORTED.format(
        rows=lookup.rows, way="DESC" if query.is_descending else "ASC",
        offset=min(start, SORTED + 1), limit=page_size,
    )  # fmt: skip
    ((ids, completions, predictions),) = search(statement, parameters)
    return Page(
        ids, lookup.count, int(completions), int(predictions),
        is_lower_bound=True,
    )  # fmt: skip
