"""Takes what is there into the index of labels, while others change completions."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from apps.data_manager.models import DataKey

BATCH = 1_000
"""How many tasks are taken in at once: who changes an answer to one of them waits so long."""

_POLL_SECONDS = 0.2

# Whoever is changing a completion has it locked; what they write is not known here, so it is left for later.
_FILL = """
WITH batch AS MATERIALIZED (
    SELECT id FROM tasks_task WHERE project_id = %(project)s AND {wanted} ORDER BY id LIMIT %(batch)s
), answer AS MATERIALIZED (
    SELECT c.id, c.task_id FROM batch JOIN completions_completion c ON c.task_id = batch.id
), locked AS MATERIALIZED (
    SELECT id, task_id, result FROM completions_completion WHERE id IN (SELECT id FROM answer) FOR SHARE SKIP LOCKED
), filled AS (
    INSERT INTO data_manager_datalabel (key_id, label, task_id, completion_id)
    SELECT DISTINCT %(index)s, left(label, 256), task_id, id FROM locked, unnest(completion_labels(result)) AS label
    ON CONFLICT DO NOTHING
)
SELECT count(*), max(id), ARRAY(
    SELECT task_id FROM answer WHERE id NOT IN (SELECT id FROM locked)
) FROM batch
"""
_NEXT, _LEFT = "id > %(after)s", "id = ANY(%(left)s)"


def fill_labels(index: DataKey, report: Callable[[int], None]) -> int:
    """Take the labels of all completions of a project into its index; return of how many tasks.

    Args:
        report: is told how many tasks were read; it may raise to stop there.
    """
    of_index = {"index": index.pk, "project": index.project_id}
    read, after, left = 0, 0, list[int]()
    while True:
        count, last, busy = _fill(_NEXT, {**of_index, "after": after, "batch": BATCH})
        if not count:
            break
        read, after, left = read + count, last, left + busy
        report(read)
    while left:
        time.sleep(_POLL_SECONDS)
        report(read)
        left = _fill(_LEFT, {**of_index, "left": left, "batch": len(left)})[2]
    return read


def _fill(wanted: str, parameters: dict[str, Any]) -> tuple[int, int, list[int]]:
    """Take some tasks in; return how many, the last one's id, and those of which somebody is changing a completion."""
    with connection.cursor() as cursor:
        cursor.execute(_FILL.format(wanted=wanted), parameters)
        count, last, left = cursor.fetchone()
    return count, last or 0, left
