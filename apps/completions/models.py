"""Completions, every earlier version of them, and the drafts they come from."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.completions.querysets import CompletionQuerySet, DraftQuerySet, RevisionQuerySet
from apps.projects.models import Project
from apps.tasks.models import Task


class CompletionAction(models.TextChoices):
    """What made a version of a completion; the value is stored, so it is never renamed."""

    UNKNOWN = "", "Unknown"
    IMPORTED = "imported", "Imported"
    SUBMITTED = "submitted", "Submitted"
    SKIPPED = "skipped", "Skipped"
    DUPLICATED = "duplicated", "Duplicated"
    UPDATED = "updated", "Updated"
    UNSKIPPED = "unskipped", "Skip taken back"
    GROUND_TRUTH_SET = "ground_truth_set", "Marked as ground truth"
    GROUND_TRUTH_UNSET = "ground_truth_unset", "No longer ground truth"
    ACCEPTED = "accepted", "Accepted in a review"
    REJECTED = "rejected", "Rejected in a review"
    REVIEW_WITHDRAWN = "review_withdrawn", "Review taken back"
    RELABELED = "relabeled", "Names of the labeling config changed"
    HANDED_OVER = "handed_over", "Given to another person"
    RESTORED = "restored", "Earlier version restored"
    DELETED = "deleted", "Deleted"


class Verdict(models.TextChoices):
    """What a review of a completion came to; the value is stored, so it is never renamed."""

    NONE = "", "Not reviewed"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


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
    version = models.IntegerField(
        default=1,
        db_default=1,
        help_text="Counts the changes; who saves says which version they started from.",
    )
    last_action = models.CharField(
        max_length=20,
        choices=CompletionAction.choices,
        blank=True,
        # Only imports write rows without saying what they do.
        default=CompletionAction.IMPORTED,
        db_default=CompletionAction.IMPORTED.value,
        help_text="What made this version.",
    )
    review = models.CharField(
        max_length=8,
        choices=Verdict.choices,
        blank=True,
        default=Verdict.NONE,
        db_default=Verdict.NONE.value,
        help_text="The verdict on what it says now; another answer has none.",
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reviewed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = CompletionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["task", "completed_by"], name="completion_of_task"),
            # With the task, so that a person's own tasks are found without a look at their answers.
            models.Index(
                fields=["project", "completed_by", "created_at"],
                include=["task"],
                name="completion_by_person",
            ),
            # Of reviewed ones alone: storing an answer does not touch it.
            models.Index(
                fields=["project", "review", "task"], condition=~Q(review=""), name="completion_reviewed"
            ),
        ]

    def __str__(self) -> str:
        return f"Completion {self.pk} of task {self.task_id}"


class Revision(models.Model):
    """An earlier version of a completion, as it was until the next one replaced it; written with that next one.

    The present version stands in the completion alone, so that submitting writes no row here. A completion that was
    deleted leaves its last version and, numbered as the next one, a row that says who deleted it. Revisions outlive
    their completion and go with their task.
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+", db_index=False)
    completion_id = models.BigIntegerField()
    version = models.IntegerField()
    action = models.CharField(max_length=20, choices=CompletionAction.choices, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    changed_at = models.DateTimeField()
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    result = models.JSONField(default=list)
    config_version = models.IntegerField()
    warnings = models.JSONField(default=list)
    was_cancelled = models.BooleanField()
    ground_truth = models.BooleanField()
    lead_time = models.FloatField(null=True)
    client_id = models.UUIDField(
        null=True,
        help_text="Chosen by the client for the change that replaced this version, so that it can be sent again.",
    )
    request_digest = models.CharField(
        max_length=64, blank=True, db_default="", help_text="SHA-256 of what was sent with `client_id`."
    )
    origin = models.JSONField(
        null=True, help_text="Of a deletion: what else the row held, to bring it back as it was."
    )

    objects = RevisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["completion_id", "version"], name="one_revision_per_version"),
            models.UniqueConstraint(
                fields=["client_id"], condition=Q(client_id__isnull=False), name="one_change_per_client_id"
            ),
        ]
        indexes = [models.Index(fields=["task"], name="revision_of_task")]

    def __str__(self) -> str:
        return f"Version {self.version} of completion {self.completion_id}"


class Draft(models.Model):
    """One person's unsubmitted work on a task, or on a completion of it; nobody else ever sees it."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="drafts", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    completion = models.ForeignKey(
        Completion, null=True, on_delete=models.CASCADE, related_name="drafts", help_text="Absent: a new one."
    )
    completion_version = models.IntegerField(null=True, help_text="The version that the work started from.")
    result = models.JSONField(default=list)
    lead_time = models.FloatField(null=True, help_text="Seconds of work, over all sessions.")
    earlier_lead_time = models.FloatField(db_default=0.0, help_text="Those of them before `session`.")
    session = models.UUIDField(null=True, help_text="The opening of the task in which it was saved last.")
    client_id = models.UUIDField(null=True, help_text="Under which the work is going to be submitted.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = DraftQuerySet.as_manager()

    is_new: bool
    """Whether this is the first time it is saved, on the draft that `save_draft` returns."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "user", "completion"],
                nulls_distinct=False,
                name="one_draft_per_person_and_completion",
            )
        ]

    def __str__(self) -> str:
        return f"Draft {self.pk} of {self.user_id} on task {self.task_id}"
