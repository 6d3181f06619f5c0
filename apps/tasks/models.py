"""Tasks, with counters of what hangs on them, and leases, by which people reserve them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Random

from apps.projects.models import Project
from apps.tasks.querysets import AssignmentQuerySet, TaskQuerySet

ONE_TASK_PER_EXTERNAL_ID = "one_task_per_external_id"


class Task(models.Model):
    """One item of the data set.

    The counters are kept by the services in the transaction of the row they count, so that a page of tasks is one
    index scan. Three partial indexes hold only what is still to label, one for each order of handing out.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tasks", db_index=False)
    inner_id = models.PositiveBigIntegerField()
    data = models.JSONField()
    meta = models.JSONField(default=dict)
    overlap = models.PositiveSmallIntegerField(default=1, db_default=1)
    completions_count = models.PositiveIntegerField(default=0, db_default=0)
    skips_count = models.PositiveIntegerField(default=0, db_default=0)
    answers_count = models.PositiveIntegerField(
        default=0, db_default=0, help_text="People whose answer counts toward the overlap."
    )
    ground_truths_count = models.PositiveIntegerField(default=0, db_default=0)
    predictions_count = models.PositiveIntegerField(default=0, db_default=0)
    is_labeled = models.BooleanField(default=False, db_default=False)
    prediction_score = models.FloatField(null=True)
    sample_key = models.FloatField(db_default=Random(), editable=False)
    file_upload = models.CharField(max_length=500, blank=True, db_default="")
    external_id = models.CharField(
        max_length=255, blank=True, db_default="", help_text="What the task is called where it comes from."
    )
    # Without a constraint in the database, which would be asked for each of a million rows: an import's row
    # goes only together with its project.
    imported_by = models.ForeignKey(
        "imports.Import", null=True, on_delete=models.DO_NOTHING, related_name="tasks", db_column="import_id",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    completed_at = models.DateTimeField(null=True, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    is_assigned = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="It was assigned to somebody; spares all other tasks the look at their assignments.",
    )

    objects = TaskQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["project", "id"], name="task_page"),
            models.Index(
                fields=["project", "inner_id"], condition=Q(is_labeled=False), name="task_next_sequential"
            ),
            models.Index(
                fields=["project", "sample_key"], condition=Q(is_labeled=False), name="task_next_uniform"
            ),
            models.Index(
                fields=["project", "prediction_score", "id"],
                condition=Q(is_labeled=False, prediction_score__isnull=False),
                name="task_next_score",
            ),
            models.Index(
                fields=["imported_by"], condition=Q(imported_by__isnull=False), name="task_of_import"
            ),
            models.Index(
                fields=["project", "sample_key"],
                condition=Q(is_labeled=True, ground_truths_count__gt=0),
                name="task_ground_truth",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "external_id"],
                condition=~Q(external_id=""),
                name=ONE_TASK_PER_EXTERNAL_ID,
            ),
        ]

    def __str__(self) -> str:
        return f"Task {self.pk}"


class Lease(models.Model):
    """A reservation of one of a task's slots for one person, until it expires.

    A task has as many slots as it still needs completions; that a slot is unique is what keeps two people who ask
    at the same moment from getting the same one.
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="leases", db_index=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    slot = models.PositiveSmallIntegerField()
    expires_at = models.DateTimeField()
    is_comparison = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Beyond the overlap: a labeled task, for an answer to compare with its ground truth.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "slot"], name="one_lease_per_slot"),
            models.UniqueConstraint(fields=["task", "user"], name="one_lease_per_person_and_task"),
        ]
        indexes = [
            models.Index(fields=["project", "user"], name="lease_of_person"),
            models.Index(fields=["expires_at"], name="lease_expiry"),
        ]

    def __str__(self) -> str:
        return f"Slot {self.slot} of task {self.task_id} for {self.user_id}"


class Assignment(models.Model):
    """A task that is meant for one person; how the queue treats it is the project's setting `handing_out`.

    `is_open` is kept by the services in the transaction that changes the task's answers: what the person has done,
    or what needs no more answers, stands in no index that the queue walks.
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    assigned_at = models.DateTimeField(db_default=Now(), editable=False)
    is_open = models.BooleanField(db_default=True, help_text="The task waits for this person's answer.")
    sample_key = models.FloatField(db_default=Random(), editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "user"], name="one_assignment_per_person_and_task"),
        ]
        indexes = [
            models.Index(fields=["project", "user", "task"], name="assignment_of_person"),
            models.Index(
                fields=["project", "user", "task"],
                condition=Q(is_open=True),
                name="assignment_next_sequential",
            ),
            models.Index(
                fields=["project", "user", "sample_key"],
                condition=Q(is_open=True),
                name="assignment_next_uniform",
            ),
        ]

    def __str__(self) -> str:
        return f"Task {self.task_id} for {self.user_id}"
