"""Stores many predictions at once, each in place of what its model version answered to the task before."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from apps.core.copy_format import json_column, number_column, text_column
from apps.core.prepared import Prepared
from apps.predictions.services import store_scores
from apps.projects import tallies

_COLUMNS = ("task_id", "result", "score", "model_version", "cluster", "project_id")

# The table is the connection's own and is emptied by each commit.
_WAITING_ROOM = """
CREATE TEMPORARY TABLE IF NOT EXISTS new_prediction (
    task_id bigint NOT NULL, result jsonb NOT NULL, score double precision, model_version varchar(255) NOT NULL,
    cluster integer, project_id bigint NOT NULL
) ON COMMIT DELETE ROWS
"""
_LOCK = Prepared(
    "lock_tasks_for_predictions",
    """
SELECT t.id, t.predictions_count FROM tasks_task t
WHERE t.id = ANY(%(tasks)s::bigint[]) AND t.project_id = %(project)s::bigint
ORDER BY t.id FOR NO KEY UPDATE
""",
)
# A statement of its own behind the locks: what others stored until they gave a task up is seen.
_ANY_OF_VERSION = Prepared(
    "any_prediction_of_version",
    """
SELECT EXISTS (
    SELECT FROM predictions_prediction WHERE task_id = ANY(%(tasks)s::bigint[]) AND model_version = %(version)s::text
)
""",
)
_UPSERT = f"""
WITH stored AS (
    INSERT INTO predictions_prediction AS p ({", ".join(_COLUMNS)}, created_at, updated_at)
    SELECT {", ".join(_COLUMNS)}, %(now)s, %(now)s FROM new_prediction
    ON CONFLICT (task_id, model_version) DO UPDATE
    SET result = excluded.result, score = excluded.score, cluster = excluded.cluster,
        updated_at = excluded.updated_at
    RETURNING (xmax = 0) AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM stored
"""  # noqa: S608 - the names are those of columns
# What `store_scores` comes to for tasks that got one more prediction each. The mean of several is left to it.
_COUNT_ONE_MORE = Prepared(
    "count_one_more_prediction",
    """
UPDATE tasks_task t SET
    predictions_count = t.predictions_count + 1,
    prediction_score = CASE WHEN shown.model_version IN ('', %(version)s::text) THEN new.score
                            ELSE t.prediction_score END
FROM unnest(%(tasks)s::bigint[], %(scores)s::double precision[]) AS new (task_id, score),
     (SELECT model_version FROM projects_project WHERE id = %(project)s::bigint) AS shown
WHERE t.id = new.task_id AND (t.predictions_count = 0 OR shown.model_version <> '')
RETURNING t.id
""",
)


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


@transaction.atomic(savepoint=False)
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
    counts: dict[int, int] = dict(_LOCK.rows(project=project_id, tasks=_array(asked)))
    kept = [prediction for prediction in newest.values() if prediction.task_id in counts]
    if not kept:
        return Stored(0, 0, frozenset(asked))
    if _are_one_more_each(kept):
        _copy("predictions_prediction", project_id, kept)
        _count_one_more(project_id, kept)
        inserted, updated = len(kept), 0
    else:
        inserted, updated = _upsert(project_id, kept)
        store_scores(list(counts))
    tallies.add(project_id, predictions=inserted)
    return Stored(inserted, updated, frozenset(asked) - counts.keys())


def _are_one_more_each(predictions: Sequence[NewPrediction]) -> bool:
    """Whether they are of one version, which answered none of their locked tasks before."""
    versions = {prediction.model_version for prediction in predictions}
    if len(versions) != 1:
        return False
    tasks = _array([prediction.task_id for prediction in predictions])
    return _ANY_OF_VERSION.row(tasks=tasks, version=versions.pop()) == (False,)


def _count_one_more(project_id: int, predictions: Sequence[NewPrediction]) -> None:
    by_task = sorted(predictions, key=lambda prediction: prediction.task_id)
    tasks = [prediction.task_id for prediction in by_task]
    counted = _COUNT_ONE_MORE.rows(
        project=project_id, version=by_task[0].model_version, tasks=_array(tasks),
        scores=_array([prediction.score for prediction in by_task]),
    )  # fmt: skip
    if len(counted) < len(tasks):
        store_scores(list(set(tasks).difference(task_id for (task_id,) in counted)))


def _upsert(project_id: int, predictions: Sequence[NewPrediction]) -> tuple[int, int]:
    """Store predictions, each in place of an earlier one; return how many are new, and how many are not."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING_ROOM)
        # Twice in one transaction: what the first call left is not for the second.
        cursor.execute("DELETE FROM new_prediction")
        _copy("new_prediction", project_id, predictions)
        cursor.execute(_UPSERT, {"now": timezone.now()})
        inserted, updated = cursor.fetchone()
    return inserted, updated


def _copy(table: str, project_id: int, predictions: Sequence[NewPrediction]) -> None:
    project = number_column(project_id)
    lines = b"".join(_line(prediction, project) for prediction in predictions)
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY {table} ({', '.join(_COLUMNS)}) FROM STDIN", io.BytesIO(lines))


def _line(prediction: NewPrediction, project: bytes) -> bytes:
    columns = (
        number_column(prediction.task_id), json_column(prediction.result), number_column(prediction.score),
        text_column(prediction.model_version), number_column(prediction.cluster), project,
    )  # fmt: skip
    return b"\t".join(columns) + b"\n"


def _array(values: Sequence[float | None]) -> str:
    """Return numbers as the text of an array, which Postgres reads faster than a list in its syntax."""
    return "{" + ",".join("NULL" if value is None else repr(value) for value in values) + "}"
