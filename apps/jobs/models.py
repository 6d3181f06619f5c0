"""Jobs and the workers that run them."""

from __future__ import annotations

import os
import time
import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import ExpressionWrapper, F, Q, Value
from django.db.models.functions import Greatest, Least, Now

from apps.jobs.kinds import kind_title
from apps.jobs.timing import JobTiming

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


def time_ordered_uuid() -> uuid.UUID:
    """Return a UUID of version 7 (RFC 9562): hard to guess, and new rows go to the right end of the index.

    Twelve bits of it are the fraction of the millisecond, so that those made in one keep their order, too.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    value = (milliseconds & (2**48 - 1)) << 80 | (nanoseconds << 12) // 1_000_000 << 64
    value |= int.from_bytes(os.urandom(8))
    value = value & ~(0xF << 76) | 0x7 << 76  # version
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant
    return uuid.UUID(int=value)


class JobStatus(models.TextChoices):
    """Where a job stands; the last three are final until someone retries it."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE_STATUSES = (JobStatus.QUEUED, JobStatus.RUNNING)
# The roles to which apps.projects.policy grants VIEW_JOBS; this floor cannot import it, so a test compares.
ROLES_THAT_VIEW_JOBS = ("owner", "manager")


class JobQuerySet(models.QuerySet["Job"]):
    """The ways to choose jobs."""

    def for_user(self, user: AbstractBaseUser | AnonymousUser) -> JobQuerySet:
        """Jobs that `user` may see, cancel and retry.

        These are all jobs of the projects they manage, and the jobs they asked for themselves: of no project,
        or of one they still belong to (results tell of a project's data). Administrators see all.
        """
        if not user.is_authenticated:
            return self.none()
        if getattr(user, "is_administrator", False):
            return self
        managed = _projects_of(user, memberships__role__in=ROLES_THAT_VIEW_JOBS)
        own = Q(created_by_id=user.pk) & (Q(project=None) | Q(project_id__in=_projects_of(user)))
        return self.filter(own | Q(project_id__in=managed))

    def matching(
        self, *, project_id: int | None = None, status: str | None = None, kind: str | None = None
    ) -> JobQuerySet:
        """Jobs of the given project, status and kind; None means any."""
        wanted = {"project_id": project_id, "status": status, "kind": kind}
        return self.filter(**{name: value for name, value in wanted.items() if value is not None})

    def active(self) -> JobQuerySet:
        """Jobs that are queued or running."""
        return self.filter(status__in=ACTIVE_STATUSES)

    def stale(self, timing: JobTiming) -> JobQuerySet:
        """Running jobs whose worker has gone silent."""
        return self.filter(status=JobStatus.RUNNING, heartbeat_at__lt=Now() - timing.stale)

    def due_to_send(self, timing: JobTiming) -> JobQuerySet:
        """Queued jobs that never got a message, or whose message seems to be lost.

        A message may also just wait in a long queue, so the pause before the next one doubles: a job that
        waits an hour has some ten messages, of which the first one delivered does the work.
        """
        waited = ExpressionWrapper(F("sent_at") - F("queued_at"), output_field=models.DurationField())
        pause = Least(Greatest(waited, Value(timing.resend)), Value(timing.resend_cap))
        send_again_at = ExpressionWrapper(F("sent_at") + pause, output_field=models.DateTimeField())
        never_sent = Q(sent_at=None, queued_at__lt=Now() - timing.unsent)
        queued = self.filter(status=JobStatus.QUEUED).alias(send_again_at=send_again_at)
        return queued.filter(never_sent | Q(send_again_at__lt=Now()))


def _projects_of(user: AbstractBaseUser | AnonymousUser, **conditions: Any) -> models.QuerySet[Any]:
    """Ids of the projects `user` belongs to; found through the foreign key: this floor knows no projects."""
    project_model: Any = Job._meta.get_field("project").related_model
    projects: models.QuerySet[Any] = project_model._default_manager.filter(
        memberships__user_id=user.pk, **conditions
    )
    return projects.values("pk")


class Job(models.Model):
    """A piece of background work: asked for in a transaction, done by a worker, watched by people."""

    id = models.UUIDField(primary_key=True, default=time_ordered_uuid, editable=False)
    kind = models.CharField(max_length=50)
    project = models.ForeignKey(
        "projects.Project", null=True, on_delete=models.CASCADE, related_name="jobs", db_index=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="jobs", db_index=False
    )
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    dedupe_key = models.CharField(max_length=200, default="", help_text="At most one active job has it.")

    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED)
    cancel_requested = models.BooleanField(default=False)
    progress = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    message = models.TextField(default="", help_text="What the job is doing right now.")
    error = models.TextField(default="", help_text="Why the job failed, for people.")
    result = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, help_text="Names the run that may write; each run has its own.")
    worker = models.CharField(max_length=200, default="")

    created_at = models.DateTimeField(db_default=Now())
    queued_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    waiting_reason: str = ""
    """Why nothing moves, for people; filled by `queries.with_waiting_reasons`."""

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["project", "-id"], name="job_of_project"),
            models.Index(fields=["created_by", "-id"], name="job_of_creator"),
            # The sweeper reads this every few seconds; it stays small, however many jobs there are.
            models.Index(
                fields=["status", "queued_at"],
                name="job_active",
                condition=Q(status__in=("queued", "running")),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["dedupe_key"],
                name="job_one_active_of_key",
                condition=Q(status__in=("queued", "running")) & ~Q(dedupe_key=""),
            ),
            models.CheckConstraint(name="job_status_known", condition=Q(status__in=JobStatus.values)),
            models.CheckConstraint(
                name="job_finished_at_iff_final",
                condition=Q(status__in=("queued", "running"), finished_at=None)
                | Q(status__in=("completed", "failed", "cancelled"), finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} job {self.id} ({self.status})"

    @property
    def title(self) -> str:
        """What kind of work this is, for people."""
        return kind_title(self.kind)

    @property
    def is_active(self) -> bool:
        """Whether the job is queued or running: a page that shows it goes on asking."""
        return self.status in ACTIVE_STATUSES

    @property
    def percent(self) -> int | None:
        """Progress from 0 to 100; None while nobody knows how much work there is."""
        if self.status == JobStatus.COMPLETED:
            return 100
        if not self.total:
            return None
        return min(100, self.progress * 100 // self.total)


class WorkerQuerySet(models.QuerySet["Worker"]):
    """The ways to choose workers."""

    def alive(self, timing: JobTiming) -> WorkerQuerySet:
        """Workers heard from recently."""
        return self.filter(last_seen__gte=Now() - timing.worker_stale)


class Worker(models.Model):
    """A Celery worker and when it was last heard from."""

    hostname = models.CharField(max_length=200, primary_key=True)
    started_at = models.DateTimeField(db_default=Now())
    last_seen = models.DateTimeField(db_default=Now())

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["hostname"]

    def __str__(self) -> str:
        return self.hostname


class Recurrence(models.Model):
    """When work that comes back by itself was enqueued last."""

    kind = models.CharField(max_length=50, primary_key=True)
    enqueued_at = models.DateTimeField(db_default=Now(), help_text="For new work: when it was first seen.")

    objects: models.Manager[Recurrence] = models.Manager()

    class Meta:
        ordering = ["kind"]

    def __str__(self) -> str:
        return self.kind
