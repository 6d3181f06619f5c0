"""Tasks whose data is the same: which of them are to go, and their deletion."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

from apps.data_manager.conditions import Parameters
from apps.data_manager.searching import BACKGROUND_TIME_LIMIT, search
from apps.data_manager.task_query import TaskQuery
from apps.tasks.services import delete_batch

# Of tasks with the same data the first answered one stays, or the first one; jsonb writes equal data equally.
_DUPLICATES = """
SELECT id FROM (
    SELECT t.id, t.completions_count + t.skips_count > 0 AS is_answered,
           row_number() OVER (
               PARTITION BY sha256(convert_to(t.data::text, 'UTF8'))
               ORDER BY t.completions_count + t.skips_count > 0 DESC, t.id
           ) AS place
    FROM tasks_task t WHERE {where}
) AS numbered
WHERE place > 1 AND NOT is_answered
ORDER BY id
"""
_LOCK = "SELECT id FROM tasks_task WHERE project_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE"
_UNANSWERED = """
SELECT t.id FROM tasks_task t WHERE t.id = ANY(%s)
AND NOT EXISTS (SELECT 1 FROM completions_completion c WHERE c.task_id = t.id)
"""


def batches_of_duplicates(query: TaskQuery, size: int) -> Iterator[list[int]]:
    """Yield the ids of unanswered tasks of which `query` means another one with the same data."""
    parameters = Parameters()
    statement = _DUPLICATES.format(where=query.condition(parameters))
    ids = [pk for (pk,) in search(statement, parameters, BACKGROUND_TIME_LIMIT)]
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


@transaction.atomic
def delete_unanswered(*, project_id: int, task_ids: list[int]) -> int:
    """Delete those of the given tasks that nobody has answered until now; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [project_id, task_ids])
        locked = [pk for (pk,) in cursor.fetchall()]
        # A second statement: it sees what was committed while the first one waited for the locks.
        cursor.execute(_UNANSWERED, [locked])
        chosen = [pk for (pk,) in cursor.fetchall()]
    return delete_batch(project_id=project_id, task_ids=chosen) if chosen else 0
