"""Pages of tasks found through the indexes of data keys, where one serves (docs/adr/0010)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from apps.data_manager.columns import ColumnType
from apps.data_manager.conditions import Comparison, Parameters, compare
from apps.data_manager.key_indexes import complete_index
from apps.data_manager.models import IndexPurpose
from apps.data_manager.ordering import order_by
from apps.data_manager.searching import search
from apps.data_manager.task_query import Page, TaskQuery
from apps.projects.queries import totals_of

JOINED = 10_000
"""Up to so many tasks that an index finds are looked at one by one, for the rest of the filters and for the totals."""

JOINED_ALONE = 2_000
"""The same where the index is exact and there is no other filter: only for the totals of their answers."""

SORTED = 100_000
FREQUENT_SHARE = 10
"""Up to `SORTED`, and a tenth of the tasks, are sorted by their ids; more are frequent, and better found in order."""

SAMPLE = 500
FREQUENT = 5
"""Of a sample of texts; from there on, reading tasks in order finds a page sooner than the index does."""

MAX_LOOKUPS = 3
"""How many of the filters are asked of an index."""

VALUE_LENGTH = 256
TRIGRAM = 3

_NUMBER_OPERATORS = frozenset(
    {"equal", "less", "greater", "less_or_equal", "greater_or_equal", "in", "in_list"}
)


@dataclass(frozen=True, slots=True)
class Lookup:
    """A comparison as an index answers it.

    Attributes:
        condition: on a row `v` of the index, with `parameters`.
        is_exact: the rows of the index are the tasks, without another look at them.
        count: how many there are, at most one more than matters.
    """

    table: str
    condition: str
    parameters: Parameters
    is_exact: bool
    count: int = 0


def indexed_order(query: TaskQuery, *, offset: int, limit: int, backwards: bool) -> list[int] | None:
    """Return the ids of a page of all tasks in the order of one key of the data; None when no index serves.

    Args:
        offset: how many tasks come before, from the end if `backwards`.
    """
    keys = query.ordering[:2]
    column = keys[0].column
    # The id decides between equal values, and goes the way of the key unless the order says otherwise.
    if not column.key or (len(keys) > 1 and not (keys[1].is_id and keys[1].descending == keys[0].descending)):
        return None
    index = complete_index(query.project, column.key, IndexPurpose.VALUES)
    if index is None:
        return None
    parameters = Parameters()
    ordered = _ordered_rows(parameters.mark(index), descending=query.is_descending, backwards=backwards)
    statement = f"{ordered} OFFSET {parameters.mark(offset)} LIMIT {parameters.mark(limit)}"
    ids = [pk for (pk,) in search(statement, parameters)]
    return ids[::-1] if backwards else ids


def _ordered_rows(index: str, *, descending: bool, backwards: bool) -> str:
    """Return all rows of an index in their order: numbers, then texts, then tasks without a value.

    Upwards that is the order of the index itself; downwards each kind is read from its end.
    """
    rows = f"SELECT v.task_id FROM data_manager_datavalue v WHERE v.key_id = {index}"  # noqa: S608 - own text
    way = "DESC" if descending != backwards else "ASC"
    order = f"v.number {way}, v.value {way}, v.task_id {way}"
    if not descending:
        return f"{rows} ORDER BY v.kind {way}, {order}"
    kinds = [f"({rows} AND v.kind = {kind} ORDER BY {order})" for kind in (0, 1, 2)]
    return " UNION ALL ".join(kinds[::-1] if backwards else kinds)


def indexed_page(query: TaskQuery, *, start: int, page_size: int) -> Page | None:
    """Return a page of the tasks that pass the filters; None when no index finds them better than reading tasks."""
    required = islice(query.filters.required(), MAX_LOOKUPS)
    lookups = [_lookup(query, comparison) for comparison in required]
    used = [lookup for lookup in lookups if lookup is not None]
    if not used:
        return None
    tasks = totals_of([query.project.pk])[query.project.pk].tasks
    most = max(JOINED, min(SORTED, tasks // FREQUENT_SHARE))
    counted = [_counted(lookup, most) for lookup in used]
    fewest = min(counted, key=lambda lookup: lookup.count)
    is_alone = query.filters.size == 1 and query.has_only_filters and query.is_by_id and fewest.is_exact
    if is_alone and JOINED_ALONE < fewest.count <= most:
        return _sorted_page(query, fewest, start, page_size)
    return _joined_page(query, fewest, start, page_size) if fewest.count <= JOINED else None


def _lookup(query: TaskQuery, comparison: Comparison) -> Lookup | None:
    column = comparison.column
    if column.key and column.type == ColumnType.NUMBER and comparison.operator in _NUMBER_OPERATORS:
        return _number_lookup(query, comparison)
    if column.key and column.type == ColumnType.STRING and comparison.operator == "equal":
        return _text_lookup(query, comparison)
    is_text = column.id == "data" or (column.key and column.type == ColumnType.STRING)
    if is_text and comparison.operator in ("contains", "regex") and len(comparison.operand) >= TRIGRAM:
        return _rare_text_lookup(query, comparison)
    return None


def _number_lookup(query: TaskQuery, comparison: Comparison) -> Lookup | None:
    index = complete_index(query.project, comparison.column.key, IndexPurpose.VALUES)
    if index is None:
        return None
    parameters = Parameters()
    compared = compare("v.number", ColumnType.NUMBER, comparison.operator, comparison.operand, parameters)
    condition = f"v.key_id = {parameters.mark(index)} AND v.kind = 0 AND {compared}"
    return Lookup("data_manager_datavalue", condition, parameters, is_exact=True)


def _text_lookup(query: TaskQuery, comparison: Comparison) -> Lookup | None:
    index = complete_index(query.project, comparison.column.key, IndexPurpose.VALUES)
    if index is None:
        return None
    text = comparison.operand
    asked = Parameters()
    # Not as a constant, which Postgres would make a number of before it asks whether it is one.
    ((number,),) = search(
        f"SELECT data_number(value)::text FROM (SELECT {asked.mark(text)}::text AS value OFFSET 0) asked",  # noqa: S608
        asked,
    )
    parameters = Parameters()
    parts = [f"v.key_id = {parameters.mark(index)}", f"v.value = {parameters.mark(text[:VALUE_LENGTH])}"]
    if number is None:
        parts += ["v.kind = 1", "v.number IS NULL"]
    else:
        parts += ["v.kind = 0", f"v.number = {parameters.mark(number)}::numeric"]
    is_exact = len(text) < VALUE_LENGTH
    return Lookup("data_manager_datavalue", " AND ".join(parts), parameters, is_exact)


def _rare_text_lookup(query: TaskQuery, comparison: Comparison) -> Lookup | None:
    index = complete_index(query.project, comparison.column.key, IndexPurpose.TEXTS)
    if index is None:
        return None
    parameters = Parameters()
    of_key = f"v.key_id = {parameters.mark(index)}"
    compared = compare("v.value", ColumnType.STRING, comparison.operator, comparison.operand, parameters)
    sampled = (
        f"SELECT count(*) FILTER (WHERE {compared}) FROM (SELECT v.value FROM data_manager_datatext v"  # noqa: S608
        f" WHERE {of_key} ORDER BY v.task_id LIMIT {SAMPLE}) v"
    )
    ((hits,),) = search(sampled, parameters)
    if hits >= FREQUENT:
        return None
    return Lookup("data_manager_datatext", f"{of_key} AND {compared}", parameters, is_exact=False)


def _counted(lookup: Lookup, most: int) -> Lookup:
    most = most if lookup.is_exact else JOINED
    statement = f"SELECT count(*) FROM (SELECT FROM {lookup.table} v WHERE {lookup.condition} LIMIT {most + 1}) AS few"  # noqa: S608
    ((count,),) = search(statement, lookup.parameters)
    return Lookup(lookup.table, lookup.condition, lookup.parameters, lookup.is_exact, count)


_JOINED = """
WITH candidates AS MATERIALIZED (SELECT v.task_id FROM {table} v WHERE {looked_up}),
found AS MATERIALIZED (
    SELECT t.id, t.completions_count, t.predictions_count
    FROM candidates JOIN tasks_task t ON t.id = candidates.task_id WHERE {where} ORDER BY {order}
)
SELECT (SELECT count(*) FROM found), (SELECT coalesce(sum(completions_count), 0) FROM found),
       (SELECT coalesce(sum(predictions_count), 0) FROM found),
       ARRAY(SELECT id FROM found OFFSET {offset} LIMIT {limit})
"""


def _joined_page(query: TaskQuery, lookup: Lookup, start: int, page_size: int) -> Page:
    parameters = Parameters(lookup.parameters)
    statement = _JOINED.format(
        table=lookup.table,
        looked_up=lookup.condition,
        where=query.condition(parameters),
        order=order_by(query.ordering, parameters, query.sight),
        offset=min(start, JOINED + 1),
        limit=page_size,
    )
    ((total, completions, predictions, ids),) = search(statement, parameters)
    return Page(ids, total, int(completions), int(predictions))


_SORTED = """
WITH found AS MATERIALIZED (
    SELECT v.task_id FROM {table} v WHERE {looked_up} ORDER BY v.task_id {way} OFFSET {offset} LIMIT {limit}
)
SELECT ARRAY(SELECT task_id FROM found), coalesce(sum(t.completions_count), 0), coalesce(sum(t.predictions_count), 0)
FROM tasks_task t WHERE t.id IN (SELECT task_id FROM found)
"""


def _sorted_page(query: TaskQuery, lookup: Lookup, start: int, page_size: int) -> Page:
    statement = _SORTED.format(
        table=lookup.table, looked_up=lookup.condition, way="DESC" if query.is_descending else "ASC",
        offset=min(start, SORTED + 1), limit=page_size,
    )  # fmt: skip
    ((ids, completions, predictions),) = search(statement, lookup.parameters)
    return Page(
        ids, lookup.count, int(completions), int(predictions),
        is_lower_bound=True,
    )  # fmt: skip
