"""Predictions: what a model answers to a task."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from apps.predictions.querysets import PredictionQuerySet
from apps.projects.models import Project
from apps.tasks.models import Task


class Prediction(models.Model):
    """One answer of one version of a model to one task."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="predictions", db_index=False)
    # Without a constraint in the database, which would be asked for each of a million rows: it is the task's project,
    # and the task's own constraint holds that there is one.
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="predictions", db_index=False, db_constraint=False
    )
    result = models.JSONField(default=list)
    score = models.FloatField(null=True)
    model_version = models.CharField(max_length=255, blank=True, db_default="")
    cluster = models.IntegerField(null=True)
    neighbors = models.JSONField(null=True)
    mislabeling = models.FloatField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = PredictionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "model_version"], name="one_prediction_per_task_and_version"
            )
        ]
        indexes = [models.Index(fields=["project", "model_version"], name="prediction_version")]

    def __str__(self) -> str:
        return f"Prediction {self.pk} of task {self.task_id}"
