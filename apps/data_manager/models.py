"""Saved tabs of the data manager, runs of its actions, and which keys of the data are indexed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.data_manager.querysets import ActionRunQuerySet, ViewQuerySet
from apps.projects.models import Project


class View(models.Model):
    """A saved tab: which tasks of a project, in which order, shown how; for everybody in it or for one person.

    `data` is the document of the client: title, type, filters, ordering and whatever else it keeps there.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="views", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Whose it is.",
    )
    is_shared = models.BooleanField(default=False, help_text="Everybody in the project sees it.")
    data = models.JSONField(default=dict)
    order = models.PositiveIntegerField(default=0, help_text="Its place among the tabs, from 0.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ViewQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["project", "order"], name="view_of_project")]

    def __str__(self) -> str:
        return self.title or f"Tab {self.pk}"

    @property
    def title(self) -> str:
        """What the tab is called."""
        return str(self.data.get("title") or "")


class ActionRun(models.Model):
    """One run of an action on many tasks: what was asked for, what came of it, and until when it can be undone."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    action = models.CharField(max_length=50)
    options = models.JSONField(default=dict)
    selected = models.PositiveIntegerField(help_text="How many tasks were meant.")
    processed = models.PositiveIntegerField(default=0, db_default=0)
    left_out = models.PositiveIntegerField(default=0, db_default=0)
    reasons = models.JSONField(default=list, db_default=[], help_text="Why some were left out.")
    job_id = models.UUIDField(null=True, help_text="The job that does it, if one does.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(help_text="Until then it can be undone; later it is forgotten.")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects = ActionRunQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["project", "-id"], name="action_run_of_project"),
            models.Index(fields=["expires_at"], name="action_run_expiry"),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk} of {self.action}"


class UndoStep(models.Model):
    """What it takes to undo one batch of a run; written in the transaction of the batch, gone when it is undone."""

    run = models.ForeignKey(ActionRun, on_delete=models.CASCADE, related_name="steps")
    data = models.JSONField()

    objects: models.Manager[UndoStep] = models.Manager()

    def __str__(self) -> str:
        return f"Step {self.pk} of run {self.run_id}"


class IndexPurpose(models.TextChoices):
    """What a key of the data is indexed for."""

    VALUES = "values", "Order and comparisons"
    TEXTS = "texts", "Search in texts"
    TIMES = "times", "Comparisons with moments"
    LABELS = "labels", "Labels of completions"


class DataKey(models.Model):
    """A key of a project's data that is indexed, because somebody filtered or ordered many tasks by it; or the labels.

    The rows of the index stand in tables of the database's own (migration 0004), which triggers keep in step with the
    tasks (docs/adr/0010).
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=200, blank=True, help_text="Empty: the whole of the data, as text.")
    purpose = models.CharField(max_length=6, choices=IndexPurpose.choices)
    marks = models.IntegerField(
        default=0, db_default=0, help_text="How many times rows came that the index did not take in at once."
    )
    built_marks = models.IntegerField(null=True, help_text="`marks` when it was complete last.")
    last_used_at = models.DateTimeField(db_default=Now())

    objects: models.Manager[DataKey] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "key", "purpose"], name="one_index_per_key_and_purpose"
            )
        ]

    def __str__(self) -> str:
        return f"Index {self.pk} of {self.key or 'all data'}"

    @property
    def is_complete(self) -> bool:
        """Whether every task of the project stands in it."""
        return self.built_marks == self.marks
