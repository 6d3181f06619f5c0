"""Stores many predictions at once, each in place of what its model version answered to the task before."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from apps.core.copy_format import columns
from apps.predictions.services import store_scores
from apps.projects import tallies

_COLUMNS = ("task_id", "result", "score", "model_version", "cluster")

# The table is the connection's own and is emptied by each commit.
_WAITING_ROOM = """
CREATE TEMPORARY TABLE IF NOT EXISTS new_prediction (
    task_id bigint NOT NULL, result jsonb NOT NULL, score double precision, model_version varchar(255) NOT NULL,
    cluster integer
) ON COMMIT DELETE ROWS
"""
_LOCK = """
SELECT t.id FROM tasks_task t
WHERE t.id = ANY(%(tasks)s) AND t.project_id = %(project)s
ORDER BY t.id FOR NO KEY UPDATE
"""
_UPSERT = """
WITH stored AS (
    INSERT INTO predictions_prediction AS p
        (task_id, project_id, result, score, model_version, cluster, created_at, updated_at)
    SELECT task_id, %(project)s, result, score, model_version, cluster, %(now)s, %(now)s
    FROM new_prediction WHERE task_id = ANY(%(tasks)s)
    ON CONFLICT (task_id, model_version) DO UPDATE
    SET result = excluded.result, score = excluded.score, cluster = excluded.cluster,
        updated_at = excluded.updated_at
    RETURNING (xmax = 0) AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM stored
"""


@dataclass(frozen=True, slots=True)
class NewPrediction:
    """What a version of a model answers to a task.

    Attributes:
        result: a list of result items as JSON that Postgres can store (`apps.core.json.dumps`).
        score: finite, or None.
    """

    task_id: int
    result: bytes
    score: float | None = None
    model_version: str = ""
    cluster: int | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the predictions.

    Attributes:
        inserted: how many are new.
        updated: how many took the place of an earlier one.
        missing: the given tasks that the project has not, or no more; nothing was stored for them.
    """

    inserted: int
    updated: int
    missing: frozenset[int] = frozenset()


@transaction.atomic
def store_predictions(*, project_id: int, predictions: Iterable[NewPrediction]) -> Stored:
    """Store predictions of tasks of one project, with the tasks' scores and the project's totals.

    The tasks stay locked until the transaction ends: a few hundred at a time let people go on labeling them.

    Args:
        predictions: of two for the same task and model version the last one counts.
    """
    newest = {(prediction.task_id, prediction.model_version): prediction for prediction in predictions}
    if not newest:
        return Stored(0, 0)
    asked = sorted({task_id for task_id, _ in newest})
    lines = [
        columns(one.task_id, one.result, one.score, one.model_version, one.cluster) + b"\n"
        for one in newest.values()
    ]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"project": project_id, "tasks": asked})
        locked = [task_id for (task_id,) in cursor.fetchall()]
        cursor.execute(_WAITING_ROOM)
        # Twice in one transaction: what the first call left is not for the second.
        cursor.execute("DELETE FROM new_prediction")
        cursor.cursor.copy_expert(
            f"COPY new_prediction ({', '.join(_COLUMNS)}) FROM STDIN", io.BytesIO(b"".join(lines))
        )
        cursor.execute(_UPSERT, {"project": project_id, "tasks": locked, "now": timezone.now()})
        inserted, updated = cursor.fetchone()
    store_scores(locked)
    tallies.add(project_id, predictions=inserted)
    return Stored(inserted, updated, frozenset(asked) - set(locked))
