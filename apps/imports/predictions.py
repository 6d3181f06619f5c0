"""Predictions for tasks that are in a project already, many at once."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import ValidationFailed
from apps.imports.rows import ReadyPrediction, ready_prediction
from apps.predictions.storing import NewPrediction, store_predictions
from apps.projects.models import Project
from apps.tasks.models import Task

MAX_LISTED = 1_000


def import_predictions(*, project: Project, items: Any, created_by: User) -> int:
    """Store predictions, each in place of what its model version answered before, and return how many there are.

    Args:
        items: a list of `{task, result, score, model_version}`.

    Raises:
        ValidationFailed: an item is wrong or names a task of another project; nothing is stored.
    """
    if not isinstance(items, list) or not items:
        raise ValidationFailed("Send a list of predictions: [{task, result, score, model_version}].")
    ready = _checked(project, items)
    predictions = [
        NewPrediction(task_id, prediction.result, prediction.score, prediction.model_version)
        for (task_id, _), prediction in ready.items()
    ]
    with transaction.atomic():
        if store_predictions(project_id=project.pk, predictions=predictions).missing:
            raise ValidationFailed("A task was deleted at this moment. Nothing was stored; try again.")
        record(
            AuditAction.TASKS_IMPORTED, actor=created_by, target=project, project_id=project.pk,
            after={"predictions": len(predictions)},
        )  # fmt: skip
    return len(items)


def _checked(project: Project, items: list[Any]) -> dict[tuple[int, str], ReadyPrediction]:
    """Return the predictions by task and version; the last of two equal ones counts."""
    problems: list[str] = []
    ready: dict[tuple[int, str], ReadyPrediction] = {}
    numbers: dict[int, int] = {}
    for index, item in enumerate(items):
        path = f"[{index}]"
        task_id = item.get("task") if isinstance(item, dict) else None
        if not isinstance(task_id, int) or isinstance(task_id, bool):
            problems.append(f"{path} must be an object with the id of a task under task")
            continue
        numbers.setdefault(task_id, index)
        prediction = ready_prediction(item, path, problems, [])
        ready[task_id, prediction.model_version] = prediction
    possible = [number for number in numbers if 0 < number < 2**63]
    known = set(Task.objects.filter(project=project, pk__in=possible).values_list("pk", flat=True))
    problems += [
        f"[{index}].task: this project has no task {task_id}"
        for task_id, index in numbers.items()
        if task_id not in known
    ]
    if problems:
        listed = problems[:MAX_LISTED]
        raise ValidationFailed(f"Nothing was stored: {listed[0]}.", fields={"predictions": listed})
    return ready
