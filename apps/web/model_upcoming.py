"""Which tasks are handed out next, and why these."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from apps.projects.models import Project, Sampling
from apps.tasks.models import Task

SHOWN = 8

ORDERS = {
    Sampling.SEQUENTIAL: "Tasks come as they were imported, whatever their scores.",
    Sampling.UNIFORM: "Tasks come at random, whatever their scores.",
    Sampling.PREDICTION_SCORE_MIN: "The tasks of which the model is least sure come first: it learns most from them.",
    Sampling.PREDICTION_SCORE_MAX: "The tasks of which the model is surest come first: they are checked fastest.",
}

# As the partial indexes of unlabeled tasks have them, so that a few rows are read, however many tasks there are.
_ORDERINGS: dict[Sampling, tuple[Any, ...]] = {
    Sampling.SEQUENTIAL: ("inner_id",),
    Sampling.UNIFORM: ("sample_key",),
    Sampling.PREDICTION_SCORE_MIN: (F("prediction_score").asc(nulls_last=True), "pk"),
    Sampling.PREDICTION_SCORE_MAX: (F("prediction_score").desc(nulls_last=True), "pk"),
}


def upcoming_tasks(project: Project) -> list[Task]:
    """Return the first unlabeled tasks in the project's order; people who are at one of them already change that."""
    unlabeled = Task.objects.filter(project=project, is_labeled=False)
    ordered = unlabeled.order_by(*_ORDERINGS[Sampling(project.sampling)])
    return list(ordered.only("pk", "inner_id", "prediction_score")[:SHOWN])
