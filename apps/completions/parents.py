"""What a completion was made from: a prediction or another completion, of the same task."""

from __future__ import annotations

from typing import Any

from apps.completions.models import Completion
from apps.core.errors import ValidationFailed
from apps.predictions.models import Prediction


def require_parents_of(task_id: int, fields: dict[str, Any]) -> None:
    """Let fields pass whose parents are of this task, absent, or deleted while somebody worked on.

    Raises:
        ValidationFailed: a parent is of another task.
    """
    wrong = {}
    for name, field, model in (
        ("parent_prediction", "parent_prediction", Prediction),
        ("parent_completion", "parent_annotation", Completion),
    ):
        parent_id = fields.get(name)
        if parent_id and model._default_manager.filter(pk=parent_id).exclude(task_id=task_id).exists():
            wrong[field] = [f"{field} must be of task {task_id}."]
    if wrong:
        raise ValidationFailed("A completion can only be made from what its own task has.", fields=wrong)
