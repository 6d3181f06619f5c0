"""The index of the labels that completions use: which tasks have a label, in the order of their ids (docs/adr/0010)."""

from __future__ import annotations

from apps.data_manager.conditions import Comparison, Parameters
from apps.data_manager.key_indexes import complete_index
from apps.data_manager.models import IndexPurpose
from apps.data_manager.searching import search
from apps.data_manager.task_query import Page, TaskQuery
from apps.projects.models import Project

LABEL_LENGTH = 256
"""Longer labels are cut in the index, which then cannot tell them apart."""

COUNTED = 10_000
"""Up to here the tasks with a label are counted; beyond, the total is said to be a lower bound."""

_FOUND = """
WITH found AS MATERIALIZED ({rows} ORDER BY v.task_id {way} LIMIT {bound})
SELECT (SELECT count(*) FROM found), ARRAY(SELECT task_id FROM found OFFSET {offset} LIMIT {limit})
"""
_DEEP = "{rows} ORDER BY v.task_id {way} OFFSET {offset} LIMIT {limit}"
_TOTALS = """
SELECT coalesce(sum(completions_count), 0), coalesce(sum(predictions_count), 0) FROM tasks_task WHERE id IN ({rows})
"""


def labels_in(comparison: Comparison) -> list[str] | None:
    """Return the labels of which a task needs one to pass; None where that is not what is asked, or labels are long."""
    if comparison.column.id != "labels" or comparison.operator not in ("contains", "in_list"):
        return None
    operand = comparison.operand
    labels = operand if isinstance(operand, list) else [operand]
    return labels if all(len(label) < LABEL_LENGTH for label in labels) else None


def condition_of_labels(project: Project, labels: list[str], parameters: Parameters) -> str | None:
    """Return the condition for rows `v` of the index with one of some labels; None where it is not complete."""
    index = complete_index(project, "", IndexPurpose.LABELS)
    if index is None:
        return None
    wanted = f"v.label = ANY({parameters.mark(labels)}::text[])"
    if len(labels) == 1:  # an equal label lets Postgres read the tasks in their order
        wanted = f"v.label = {parameters.mark(labels[0])}"
    return f"v.key_id = {parameters.mark(index)} AND {wanted}"


def page_of_label(query: TaskQuery, *, start: int, page_size: int, all_summed: int) -> Page | None:
    """Return a page of the tasks with a label, by their ids; None for other filters, and where the index cannot tell.

    Args:
        start: how many tasks come before.
        all_summed: up to how many tasks the totals of their answers are those of all; else they are the page's.
    """
    parameters = Parameters()
    rows = _rows_with_label(query, parameters)
    if rows is None:
        return None
    way = "DESC" if query.is_descending else "ASC"
    statement = _FOUND.format(
        rows=rows, way=way, bound=COUNTED + 1, offset=min(start, COUNTED + 1), limit=page_size
    )
    ((count, ids),) = search(statement, parameters)
    if count > COUNTED and start + page_size > COUNTED:
        deep = _DEEP.format(rows=rows, way=way, offset=start, limit=page_size)
        ids = [pk for (pk,) in search(deep, parameters)]
    summed = rows if count <= all_summed else f"SELECT unnest({parameters.mark(ids)}::bigint[])"
    ((completions, predictions),) = search(_TOTALS.format(rows=summed), parameters)
    is_lower_bound = count > min(all_summed, COUNTED)
    return Page(ids, min(count, COUNTED), int(completions), int(predictions), is_lower_bound)


def _rows_with_label(query: TaskQuery, parameters: Parameters) -> str | None:
    """Return a SELECT of the tasks with the label that is the only filter."""
    if query.filters.size != 1 or not (query.has_only_filters and query.is_by_id) or query.sight.own_only:
        return None
    (item,) = query.filters.required()
    labels = labels_in(item) if isinstance(item, Comparison) else None
    if labels is None or len(labels) != 1:
        return None
    condition = condition_of_labels(query.project, labels, parameters)
    return condition and f"SELECT DISTINCT v.task_id FROM data_manager_datalabel v WHERE {condition}"  # noqa: S608
