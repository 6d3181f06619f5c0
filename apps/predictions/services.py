"""What changes predictions, and the scores that order the queue."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.core.errors import ValidationFailed
from apps.labeling.results import check_result_shape
from apps.predictions.models import Prediction
from apps.projects import tallies
from apps.tasks.locks import lock_task, lock_tasks

# A task's score is that of the project's model version; without a chosen version, the mean of all its scores.
_STORE_SCORES = """
UPDATE tasks_task t SET
    predictions_count = found.predictions,
    prediction_score = found.score
FROM (
    SELECT t.id AS task_id, count(p.id) AS predictions,
           avg(p.score) FILTER (WHERE project.model_version IN ('', p.model_version)) AS score
    FROM tasks_task t
    JOIN projects_project project ON project.id = t.project_id
    LEFT JOIN predictions_prediction p ON p.task_id = t.id
    WHERE t.id = ANY(%s)
    GROUP BY t.id
) found
WHERE t.id = found.task_id
  AND (t.predictions_count, t.prediction_score) IS DISTINCT FROM (found.predictions, found.score)
"""


def store_scores(task_ids: list[int]) -> None:
    """Bring the prediction counters and scores of locked tasks in step with their predictions."""
    with connection.cursor() as cursor:
        cursor.execute(_STORE_SCORES, [task_ids])


def _check_result(result: Any) -> None:
    if problems := check_result_shape(result):
        raise ValidationFailed(
            f"The prediction cannot be stored: {problems[0]}.", fields={"result": problems}
        )


@transaction.atomic
def save_prediction(
    *,
    task_id: int,
    result: list[dict[str, Any]],
    score: float | None = None,
    model_version: str = "",
    **extra: Any,
) -> Prediction:
    """Store what a version of a model answers to a task, in place of what it answered before.

    Args:
        extra: `cluster`, `neighbors`, `mislabeling` as the model gave them.

    Raises:
        ValidationFailed: `result` is no list of objects.
    """
    _check_result(result)
    task = lock_task(task_id)
    prediction, created = Prediction.objects.update_or_create(
        task=task,
        model_version=model_version,
        defaults={
            "project_id": task.project_id, "result": result, "score": score,
            "updated_at": timezone.now(), **extra,
        },
        create_defaults={
            "project_id": task.project_id, "result": result, "score": score,
            "created_at": timezone.now(), "updated_at": timezone.now(), **extra,
        },
    )  # fmt: skip
    store_scores([task.pk])
    tallies.add(task.project_id, predictions=int(created))
    return prediction


@transaction.atomic
def update_prediction(*, prediction: Prediction, **changes: Any) -> Prediction:
    """Change fields of a prediction.

    Raises:
        ValidationFailed: a new `result` is no list of objects, or the new version answered this task already.
    """
    if "result" in changes:
        _check_result(changes["result"])
    lock_task(prediction.task_id)
    version = changes.get("model_version", prediction.model_version)
    others = Prediction.objects.filter(task_id=prediction.task_id, model_version=version)
    if others.exclude(pk=prediction.pk).exists():
        raise ValidationFailed(
            f'Task {prediction.task_id} has a prediction of version "{version}" already.',
            fields={"model_version": ["This version answered the task already."]},
        )
    for name, value in changes.items():
        setattr(prediction, name, value)
    prediction.updated_at = timezone.now()
    prediction.save(update_fields=[*changes, "updated_at"])
    store_scores([prediction.task_id])
    return prediction


@transaction.atomic
def delete_prediction(*, prediction: Prediction) -> None:
    """Delete a prediction."""
    task = lock_task(prediction.task_id)
    deleted, _ = Prediction.objects.filter(pk=prediction.pk).delete()
    store_scores([task.pk])
    tallies.add(task.project_id, predictions=-deleted)


@transaction.atomic
def delete_predictions_of(*, project_id: int, task_ids: list[int]) -> int:
    """Delete all predictions of the given tasks of a project; return how many there were."""
    locked = [task.pk for task in lock_tasks(task_ids) if task.project_id == project_id]
    deleted, _ = Prediction.objects.filter(task_id__in=locked).delete()
    store_scores(locked)
    tallies.add(project_id, predictions=-deleted)
    return deleted
