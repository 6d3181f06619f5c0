"""Pages in orders of several keys, the first of which is indexed (docs/adr/0013).

The index has the tasks in the order of the first key, and known places say where those of a page begin and end in it.
The other keys decide only among tasks whose first values are equal. So the tasks from the first with the value with
which the page begins to the last with that with which it ends are sorted, and no others.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from apps.data_manager.conditions import Parameters
from apps.data_manager.found_tasks import Found, ordered_ids
from apps.data_manager.lookups import Lookup
from apps.data_manager.ordering import order_by
from apps.data_manager.places import Border, Entry, Stretch, entries_before, entries_of, stretches_of_page
from apps.data_manager.searching import search
from apps.data_manager.task_query import TaskQuery
from apps.projects.queries import totals_of

MAX_SORTED = 50_000
"""How many tasks are sorted for a page; with more of equal values, all tasks of the project are."""

MAX_GROUPS = 3
"""With more different first values on a page, all tasks that have them are sorted at once."""

_VALUES = "data_manager_datavalue v"
_EQUAL = {
    0: "v.number = {number}::numeric AND v.value = {value}::text",
    1: "v.number IS NULL AND v.value = {value}::text",
    2: "v.number IS NULL AND v.value IS NULL",
}
_FROM = {
    0: "(v.number, v.value) >= ({number}::numeric, {value}::text)",
    1: "v.number IS NULL AND v.value >= {value}::text",
    2: "v.number IS NULL AND v.value IS NULL",
}
_UP_TO = {kind: condition.replace(">=", "<=") for kind, condition in _FROM.items()}

_SORTED = """
WITH equal AS MATERIALIZED (
    SELECT v.task_id AS id, dense_rank() OVER (ORDER BY v.number, v.value) AS rank
    FROM data_manager_datavalue v WHERE {equal} LIMIT {bound}
)
SELECT (SELECT count(*) FROM equal),
       ARRAY(SELECT t.id FROM {tasks} ORDER BY rank {way}, {rest} OFFSET {offset} LIMIT {limit})
"""


def page_in_order(query: TaskQuery, index: int, *, start: int, size: int) -> list[int] | None:
    """Return the ids of a page of all tasks; None where it cannot be found through the index of the first key.

    Args:
        index: of the first key, complete.
        start: how many tasks come before.
    """
    stretches = stretches_of_page(query.project, index, start=start, size=size)
    if stretches is None:
        return None
    if query.ordering[1].is_id:
        way = query.is_descending
        return [pk for one in stretches for pk in _with_ids_against(index, one, descending=way)]
    ids: list[int] = []
    for stretch in stretches:
        found = _by_groups(query, index, stretch) or _sorted_stretch(query, index, stretch)
        if found is None:
            return None
        ids += found
    return ids


def _sorted_stretch(query: TaskQuery, index: int, stretch: Stretch) -> list[int] | None:
    entries = entries_of(index, stretch, descending=query.is_descending)
    if not entries:
        return []
    first, last = entries[0], entries[-1]
    before = _equal_before(index, stretch.kind, first, descending=query.is_descending)
    low, high = (last, first) if query.is_descending else (first, last)
    if before is None:
        return None
    parameters = Parameters()
    statement = _SORTED.format(
        equal=_between(index, stretch.kind, low, high, parameters), bound=MAX_SORTED + 1,
        tasks="equal c JOIN tasks_task t USING (id)",
        way="DESC" if query.is_descending else "ASC",
        rest=order_by(query.ordering[1:], parameters, query.sight),
        offset=parameters.mark(before), limit=parameters.mark(stretch.size),
    )  # fmt: skip
    ((count, ids),) = search(statement, parameters)
    return None if count > MAX_SORTED else ids


def _by_groups(query: TaskQuery, index: int, stretch: Stretch) -> list[int] | None:
    """Return the ids of a stretch whose tasks have few different first values, by the index of the second key."""
    entries = entries_of(index, stretch, descending=query.is_descending)
    groups = [list(group) for _, group in groupby(entries, key=lambda entry: (entry.number, entry.value))]
    if len(groups) > MAX_GROUPS:
        return None
    within = replace(query, ordering=query.ordering[1:])
    tasks = totals_of([query.project.pk])[query.project.pk].tasks
    ids: list[int] = []
    for group in groups:
        low, high = _places_of_equal(index, stretch, group[0], descending=query.is_descending)
        found = _found_equal(index, stretch.kind, group[0], high - low, tasks)
        some = ordered_ids(within, found, start=stretch.first + len(ids) - low, size=len(group))
        if some is None or len(some) < len(group):
            return None
        ids += some
    return ids


def _found_equal(index: int, kind: int, entry: Entry, count: int, tasks: int) -> Found:
    """Return the tasks with the value of an entry."""
    parameters = Parameters()
    equal = f"v.key_id = {parameters.mark(index)} AND v.kind = {kind} AND {_condition(_EQUAL[kind], entry, parameters)}"
    rows = f"SELECT v.task_id FROM {_VALUES} WHERE {equal}"  # noqa: S608 - own text
    holds = f"(SELECT TRUE FROM {_VALUES} WHERE {equal} AND v.task_id = found.task_id)"  # noqa: S608 - own text
    return Found(Lookup(rows, holds, is_exact=True, count=count), parameters, tasks=tasks)


def _with_ids_against(index: int, stretch: Stretch, *, descending: bool) -> list[int]:
    """Return the ids of a stretch where those of equal values stand the other way round than the key.

    Among equal values, who is the third from the begin here is the third from the end in the index. Only the first
    and the last value of the stretch have tasks outside of it.
    """
    entries = entries_of(index, stretch, descending=descending)
    ids: list[int] = []
    for _, group in groupby(entries, key=lambda entry: (entry.number, entry.value)):
        equal = list(group)
        first = stretch.first + len(ids)
        is_inside = len(ids) > 0 and len(ids) + len(equal) < len(entries)
        if not is_inside:
            low, high = _places_of_equal(index, stretch, equal[0], descending=descending)
            mirrored = replace(stretch, first=low + high - first - len(equal), size=len(equal))
            equal = entries_of(index, mirrored, descending=descending)
        ids += [entry.task_id for entry in reversed(equal)]
    return ids


def _places_of_equal(index: int, stretch: Stretch, entry: Entry, *, descending: bool) -> tuple[int, int]:
    """Return the place of the first task with an entry's value, and that behind the last, as a stretch counts them."""
    if entry.number is None and entry.value is None:
        return 0, stretch.entries
    low, high = (
        entries_before(index, stretch.kind, Border(entry.number, entry.value, includes))
        for includes in (False, True)
    )
    return (stretch.entries - high, stretch.entries - low) if descending else (low, high)


def _condition(template: str, entry: Entry, parameters: Parameters) -> str:
    return template.format(number=parameters.mark(entry.number), value=parameters.mark(entry.value))


def _equal_before(index: int, kind: int, entry: Entry, *, descending: bool) -> int | None:
    """Return how many entries of the same value stand before one; None for too many."""
    parameters = Parameters()
    equal = _condition(_EQUAL[kind], entry, parameters)
    statement = (
        f"SELECT count(*) FROM (SELECT FROM {_VALUES} WHERE v.key_id = {parameters.mark(index)}"  # noqa: S608
        f" AND v.kind = {kind} AND {equal} AND v.task_id {'>' if descending else '<'} {parameters.mark(entry.task_id)}"
        f" LIMIT {MAX_SORTED + 1}) AS few"
    )
    ((count,),) = search(statement, parameters)
    return None if count > MAX_SORTED else int(count)


def _between(index: int, kind: int, low: Entry, high: Entry, parameters: Parameters) -> str:
    """Return the condition for the entries whose values are those of two entries or between them."""
    above = _condition(_FROM[kind], low, parameters)
    below = _condition(_UP_TO[kind], high, parameters)
    return f"v.key_id = {parameters.mark(index)} AND v.kind = {kind} AND {above} AND {below}"
