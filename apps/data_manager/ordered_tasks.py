"""Tasks in an order that an index has, read one after the other: of all tasks, or until enough pass the filters."""

from __future__ import annotations

from apps.data_manager.conditions import Comparison, Parameters
from apps.data_manager.key_indexes import complete_index
from apps.data_manager.models import IndexPurpose
from apps.data_manager.operators import NEGATED
from apps.data_manager.places import KINDS
from apps.data_manager.searching import search
from apps.data_manager.task_query import Page, TaskQuery

WALKED = 50_000
"""How many tasks are looked at in their order, before all that pass are searched and sorted."""

WORTH_WALKING = 10_000
"""In projects of up to so many tasks, all that pass are sorted in less time."""

COMPLETED = "completed_at"

_PASSED = """
WITH found AS MATERIALIZED (
    SELECT passed.* FROM ({ordered} LIMIT {walked}) AS walked CROSS JOIN LATERAL (
        SELECT t.id, t.completions_count, t.predictions_count FROM tasks_task t
        WHERE t.id = walked.task_id AND {where} OFFSET 0
    ) AS passed
    LIMIT {bound}
)
SELECT (SELECT count(*) FROM found), (SELECT coalesce(sum(completions_count), 0) FROM found),
       (SELECT coalesce(sum(predictions_count), 0) FROM found),
       ARRAY(SELECT id FROM found OFFSET {offset} LIMIT {limit})
"""


def page_by_walking(query: TaskQuery, *, start: int, page_size: int, counted: int, tasks: int) -> Page | None:
    """Return a page of the tasks that pass frequent filters, in an order that an index has.

    None where no index has the order, and where not enough of the first tasks pass.

    Args:
        start: how many tasks come before.
        counted: up to how many tasks the total is exact.
        tasks: how many the project has.
    """
    if not query.has_only_filters or tasks <= WORTH_WALKING:
        return None
    parameters = Parameters()
    ordered = ordered_tasks(query, parameters)
    if ordered is None:
        return None
    bound = max(counted + 1, start + page_size)
    statement = _PASSED.format(
        ordered=ordered, walked=WALKED, where=query.condition(parameters), bound=bound, offset=start, limit=page_size,
    )  # fmt: skip
    ((count, completions, predictions, ids),) = search(statement, parameters)
    if count < bound and tasks > WALKED:
        return None
    total = min(count, counted)
    return Page(ids, total, int(completions), int(predictions), is_lower_bound=count > counted)


def page_of_all(
    query: TaskQuery, *, start: int, size: int, total: int, index: int | None = None
) -> list[int] | None:
    """Return the ids of a page of all tasks, counted from the nearer end; None where no index has the order.

    Args:
        start: how many tasks come before.
        total: how many there are; `start + size` is not beyond it.
        index: as for `ordered_tasks`.
    """
    parameters = Parameters()
    from_end = total - start - size
    backwards = from_end < start
    ordered = ordered_tasks(query, parameters, index=index, backwards=backwards)
    if ordered is None:
        return None
    offset = parameters.mark(from_end if backwards else start)
    ids = [pk for (pk,) in search(f"{ordered} OFFSET {offset} LIMIT {parameters.mark(size)}", parameters)]
    return ids[::-1] if backwards else ids


def ordered_tasks(
    query: TaskQuery, parameters: Parameters, *, index: int | None = None, backwards: bool = False
) -> str | None:
    """Return a SELECT of `task_id` of all tasks in their order; None where no index has it.

    Filters on the column of the order may narrow it, so that what does not pass them is not read first.

    Args:
        index: the complete one of the order's key, where it is known already.
        backwards: from the last one to the first.
    """
    if not query.ordering:
        return None
    first, *others = query.ordering
    # The id decides between equal values, and goes the way of the column unless the order says otherwise.
    if others and not (others[0].is_id and others[0].descending == first.descending):
        return None
    way = "DESC" if first.descending != backwards else "ASC"
    if first.column.id == COMPLETED:
        return _by_completion(query, parameters, way, is_rest_first=backwards)
    if index is None and first.column.key:
        index = complete_index(query.project, first.column.key, IndexPurpose.VALUES)
    if index is None:
        return None
    return _by_value(parameters.mark(index), way, descending=first.descending, backwards=backwards)


def _by_completion(query: TaskQuery, parameters: Parameters, way: str, *, is_rest_first: bool) -> str:
    project = parameters.mark(query.project.pk)
    of_project = f"SELECT t.id AS task_id FROM tasks_task t WHERE t.project_id = {project}"  # noqa: S608
    narrowed = "".join(
        f" AND {item.sql(parameters, query.sight)}"
        for item in query.filters.required()
        if isinstance(item, Comparison)
        and item.column.id == COMPLETED
        and item.operator not in ("empty", *NEGATED)
    )
    done = f"{of_project} AND t.completed_at IS NOT NULL{narrowed} ORDER BY t.completed_at {way}, t.id {way}"
    if narrowed:
        return done
    # By the column, too, which is the same for all of these: only so Postgres reads the index that has it, and no task.
    rest = f"{of_project} AND t.completed_at IS NULL ORDER BY t.completed_at {way}, t.id {way}"
    first, last = (rest, done) if is_rest_first else (done, rest)
    return f"({first}) UNION ALL ({last})"


def _by_value(index: str, way: str, *, descending: bool, backwards: bool) -> str:
    """Return all rows of an index in their order: numbers, then texts, then tasks without a value.

    Upwards that is the order of the index itself; downwards each kind is read from its end.
    """
    rows = f"SELECT v.task_id FROM data_manager_datavalue v WHERE v.key_id = {index}"  # noqa: S608 - own text
    order = f"v.number {way}, v.value {way}, v.task_id {way}"
    if not descending:
        return f"{rows} ORDER BY v.kind {way}, {order}"
    kinds = [f"({rows} AND v.kind = {kind} ORDER BY {order})" for kind in KINDS]
    return " UNION ALL ".join(kinds[::-1] if backwards else kinds)
