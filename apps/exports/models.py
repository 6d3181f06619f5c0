"""Exports that were kept: what was asked for, by whom, and the file that came of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from apps.exports.querysets import ExportPartQuerySet, ExportQuerySet
from apps.jobs.models import Job, JobStatus
from apps.projects.models import Project

BROKEN_OFF = "broken off"
EXPIRED = "expired"


class Export(models.Model):
    """One export of a project that ends as a file in the default storage, until it expires.

    The file has its name here only when it is whole: nothing reads one that is being written.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="exports", db_index=False)
    snapshot = models.ForeignKey(
        "self", null=True, on_delete=models.CASCADE, related_name="conversions",
        help_text="The export whose file this one was made from; absent: it was read from the project.",
    )  # fmt: skip
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    job = models.OneToOneField(Job, null=True, on_delete=models.SET_NULL, related_name="export")
    title = models.CharField(max_length=200, blank=True, db_default="")
    format = models.CharField(max_length=40)
    options = models.JSONField(default=dict, help_text="As `apps.exports.options` reads them.")
    file = models.CharField(max_length=300, blank=True, db_default="", help_text="Its name in the storage.")
    filename = models.CharField(max_length=200, blank=True, db_default="", help_text="As it is downloaded.")
    size = models.PositiveBigIntegerField(null=True, help_text="Bytes.")
    md5 = models.CharField(max_length=32, blank=True, db_default="")
    task_count = models.PositiveBigIntegerField(default=0, db_default=0)
    problem_count = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="What could not be written; report.json in the archive tells."
    )
    next_cursor = models.CharField(
        max_length=40,
        blank=True,
        db_default="",
        help_text="With which an export goes on where this one ended.",
    )
    error = models.TextField(blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True, help_text="When its file is deleted.")

    objects = ExportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["project", "-id"], name="export_of_project"),
            models.Index(fields=["expires_at"], condition=~models.Q(file=""), name="export_expiry"),
        ]

    def __str__(self) -> str:
        return self.title or f"Export {self.pk}"

    @property
    def state(self) -> str:
        """Where it stands: a word of `JobStatus`, or that it expired or broke off."""
        if self.finished_at is not None:
            if self.error:
                return JobStatus.FAILED
            return JobStatus.COMPLETED if self.has_file else EXPIRED
        if self.job is not None:
            # A job that ended without a word of its own failed, whatever it says.
            return self.job.status if self.job.status != JobStatus.COMPLETED else JobStatus.FAILED
        return (
            BROKEN_OFF
            if timezone.now() - self.created_at > settings.EXPORT_REQUEST_TIME
            else JobStatus.RUNNING
        )

    @property
    def has_file(self) -> bool:
        """Whether its file can be downloaded."""
        return bool(self.file) and (self.expires_at is None or self.expires_at > timezone.now())

    @property
    def is_active(self) -> bool:
        """Whether it is still being made: a page that shows it goes on asking."""
        return self.state in (JobStatus.QUEUED, JobStatus.RUNNING)

    @property
    def why_failed(self) -> str:
        """What went wrong, for people; empty where nothing did."""
        return self.error or (self.job.error if self.job is not None and self.finished_at is None else "")


class ExportPart(models.Model):
    """A range of the tasks of an export that several workers write; it goes when the parts are joined.

    Whoever takes one writes its file and then its name; one whose taker is gone is free again.
    """

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts", db_index=False)
    run = models.UUIDField(help_text="Names the run of the leading job that the part belongs to.")
    number = models.PositiveIntegerField(help_text="Its place in the file.")
    after_id = models.BigIntegerField(help_text="The tasks of the part have ids above this one,")
    upto_id = models.BigIntegerField(help_text="and at most this one.")
    taken_by = models.UUIDField(null=True, help_text="The job that writes it.")
    taken_attempt = models.PositiveSmallIntegerField(null=True, help_text="Which run of that job.")
    file = models.CharField(max_length=300, blank=True, db_default="", help_text="Its name in the storage.")
    task_count = models.PositiveBigIntegerField(default=0, db_default=0)
    problem_count = models.PositiveBigIntegerField(default=0, db_default=0)

    objects = ExportPartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["export", "run", "number"], name="export_part_once"),
        ]

    def __str__(self) -> str:
        return f"Part {self.number} of export {self.export_id}"
