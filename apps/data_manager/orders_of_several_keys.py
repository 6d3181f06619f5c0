"""Pages in orders of several keys, the first of which is indexed (docs/adr/0013).

The index has the tasks in the order of the first key, and known places say where those of a page begin and end in it.
The other keys decide only among tasks whose first values are equal. So the tasks from the first with the value with
which the page begins to the last with that with which it ends are sorted, and no others.
"""

from __future__ import annotations

from apps.data_manager.conditions import Parameters
from apps.data_manager.ordering import order_by
from apps.data_manager.places import Entry, Stretch, entries_of, stretches_of_page
from apps.data_manager.searching import search
from apps.data_manager.task_query import TaskQuery

MAX_SORTED = 50_000
"""How many tasks are sorted for a page; with more of equal values, all tasks of the project are."""

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


def page_in_order(query: TaskQuery, index: int, *, start: int, size: int) -> list[int] | None:
    """Return the ids of a page of all tasks; None where it cannot be found through the index of the first key.

    Args:
        index: of the first key, complete.
        start: how many tasks come before.
    """
    stretches = stretches_of_page(query.project, index, start=start, size=size)
    if stretches is None:
        return None
    ids: list[int] = []
    for stretch in stretches:
        found = _sorted_stretch(query, index, stretch)
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
    candidates = _between(index, stretch.kind, low, high)
    if before is None or candidates is None:
        return None
    parameters = Parameters()
    ids, ranks = (parameters.mark(values) for values in candidates)
    rest = order_by(query.ordering[1:], parameters, query.sight)
    is_by_id = query.ordering[1].is_id
    tasks = f"unnest({ids}::bigint[], {ranks}::bigint[]) AS {'t' if is_by_id else 'c'} (id, rank)"
    if not is_by_id:
        tasks += " JOIN tasks_task t USING (id)"
    statement = (
        f"SELECT t.id FROM {tasks} ORDER BY rank {'DESC' if query.is_descending else 'ASC'}, {rest}"  # noqa: S608
        f" OFFSET {parameters.mark(before)} LIMIT {parameters.mark(stretch.size)}"
    )
    return [pk for (pk,) in search(statement, parameters)]


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


def _between(index: int, kind: int, low: Entry, high: Entry) -> tuple[list[int], list[int]] | None:
    """Return the tasks whose values are those of two entries or between them, and how many lower values there are.

    None for too many.
    """
    parameters = Parameters()
    above = _condition(_FROM[kind], low, parameters)
    below = _condition(_UP_TO[kind], high, parameters)
    statement = (
        f"SELECT v.task_id, dense_rank() OVER (ORDER BY v.number, v.value) FROM {_VALUES}"  # noqa: S608 - own text
        f" WHERE v.key_id = {parameters.mark(index)} AND v.kind = {kind} AND {above} AND {below}"
        f" LIMIT {MAX_SORTED + 1}"
    )
    rows = search(statement, parameters)
    return None if len(rows) > MAX_SORTED else ([pk for pk, _ in rows], [rank for _, rank in rows])
