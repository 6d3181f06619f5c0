"""Completions: one person's answer to one task."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.completions.querysets import CompletionQuerySet
from apps.projects.models import Project
from apps.tasks.models import Task


class Completion(models.Model):
    """One person's atomic answer to one task; `result` is exactly what the editor serialized."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="completions", db_index=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="completions", db_index=False)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="completions"
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    result = models.JSONField(default=list)
    config_version = models.IntegerField(
        default=1, db_default=1, help_text="The version of the labeling config it was made with."
    )
    warnings = models.JSONField(
        default=list, db_default=[], help_text="How the result does not fit that config; a sentence each."
    )
    was_cancelled = models.BooleanField(default=False, db_default=False, help_text="The task was skipped.")
    ground_truth = models.BooleanField(default=False, db_default=False)
    lead_time = models.FloatField(null=True, help_text="Seconds of work, as the client measured them.")
    client_id = models.UUIDField(
        null=True,
        unique=True,
        help_text="Chosen by the client, so that a repeated request stores one completion.",
    )
    parent_prediction = models.PositiveBigIntegerField(null=True)
    parent_completion = models.PositiveBigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = CompletionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["task", "completed_by"], name="completion_of_task"),
            models.Index(fields=["project", "completed_by", "created_at"], name="completion_of_person"),
        ]

    def __str__(self) -> str:
        return f"Completion {self.pk} of task {self.task_id}"
