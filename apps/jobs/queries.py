"""What pages, the API and the health check read of jobs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from apps.jobs.models import Job, JobStatus, Worker
from apps.jobs.timing import job_timing

NO_WORKER = (
    "Queued: no worker is running. Start one with `celery -A label_studio_server.celery worker`;"
    " `label-studio start` runs one by itself."
)


@dataclass(frozen=True)
class JobsOverview:
    """The state of background work, for the health check."""

    queued: int
    running: int
    silent: int
    oldest_queued_at: datetime | None
    workers: tuple[str, ...]

    @property
    def worker_is_running(self) -> bool:
        """Whether anything will be done."""
        return bool(self.workers) or self.running > self.silent


def worker_is_running() -> bool:
    """Whether a worker was heard from a moment ago: by its own heart-beat, or by that of a job it runs."""
    timing = job_timing()
    if Worker.objects.alive(timing).exists():
        return True
    return Job.objects.filter(status=JobStatus.RUNNING, heartbeat_at__gte=Now() - timing.stale).exists()


def jobs_overview() -> JobsOverview:
    """Return counts of active jobs and the workers that are alive."""
    timing = job_timing()
    counts = Job.objects.active().aggregate(
        queued=Count("pk", filter=Q(status=JobStatus.QUEUED)),
        running=Count("pk", filter=Q(status=JobStatus.RUNNING)),
        silent=Count("pk", filter=Q(status=JobStatus.RUNNING, heartbeat_at__lt=Now() - timing.stale)),
        oldest_queued_at=Min("queued_at", filter=Q(status=JobStatus.QUEUED)),
    )
    workers = Worker.objects.alive(timing).values_list("hostname", flat=True)
    return JobsOverview(workers=tuple(workers), **counts)


def with_waiting_reasons(jobs: Iterable[Job]) -> list[Job]:
    """Return `jobs` with `waiting_reason` filled, at a cost of two queries at most for all of them."""
    listed = list(jobs)
    active = [job for job in listed if job.is_active]
    if active:
        heard_from_worker = worker_is_running()
        for job in active:
            job.waiting_reason = waiting_reason(job, worker_running=heard_from_worker)
    return listed


def waiting_reason(job: Job, *, worker_running: bool) -> str:
    """Return why `job` does not move, for people; empty while it does, or when it is finished."""
    if job.status == JobStatus.QUEUED:
        return _why_queued(job, worker_running=worker_running)
    if job.status == JobStatus.RUNNING:
        return _why_silent(job)
    return ""


def _why_queued(job: Job, *, worker_running: bool) -> str:
    if not worker_running:
        return NO_WORKER
    if job.sent_at is None and timezone.now() - job.queued_at > 2 * job_timing().unsent:
        return "Queued: the message broker (Redis) does not answer. The job starts by itself when it does."
    if job.attempts:
        return "Queued again: its worker stopped. The job starts by itself in a moment."
    return "Queued: waiting for a free worker."


def _why_silent(job: Job) -> str:
    silence = timezone.now() - (job.heartbeat_at or job.queued_at)
    if silence <= job_timing().stale:
        return "Cancelling: the job stops at its next step." if job.cancel_requested else ""
    return (
        f"Its worker has not been heard from for {int(silence.total_seconds())} seconds."
        " The job starts again by itself when a worker is running."
    )
