"""What the broker or a dead worker left behind is found in the table and brought back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from apps.jobs.dispatch import deliver
from apps.jobs.kinds import max_attempts
from apps.jobs.locks import lock_unless_busy, try_lock_sweep
from apps.jobs.models import Job, JobStatus
from apps.jobs.recurring import enqueue_recurring
from apps.jobs.timing import JobTiming, job_timing

BATCH = 200
"""Messages that one sweep sends at most; the next one goes on."""

STATEMENT_TIMEOUT_MS = 5000
"""A sweep runs between a worker's heart-beats and must not hold them up."""


@dataclass(frozen=True)
class SweepCounts:
    """What a sweep did."""

    requeued: int = 0
    failed: int = 0
    cancelled: int = 0
    sent: int = 0
    recurring: int = 0


@dataclass(frozen=True)
class _Rescued:
    requeued: tuple[UUID, ...] = ()
    failed: int = 0
    cancelled: int = 0


def sweep() -> SweepCounts:
    """Queue the jobs of dead workers again, send what has no message, and enqueue recurring work that is due.

    Any number of workers may sweep at once; one does the work, the others return zeros. Sending comes after
    the commit, and a message too many does no harm: a job is claimed once.
    """
    timing = job_timing()
    with transaction.atomic():
        if not try_lock_sweep():
            return SweepCounts()
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS:d}")
        rescued = _rescue_stale(timing)
        recurring = enqueue_recurring()
        due = Job.objects.due_to_send(timing).order_by("queued_at").values_list("pk", flat=True)[:BATCH]
        to_send = [*rescued.requeued, *due]
    return SweepCounts(
        requeued=len(rescued.requeued),
        failed=rescued.failed,
        cancelled=rescued.cancelled,
        sent=deliver(to_send) if to_send else 0,
        recurring=recurring,
    )


def _rescue_stale(timing: JobTiming) -> _Rescued:
    """Decide for each job whose worker died: cancelled, failed for good, or queued again."""
    requeued: list[UUID] = []
    failed = cancelled = 0
    for job in lock_unless_busy(Job.objects.stale(timing)):
        if job.cancel_requested:
            _close(job, JobStatus.CANCELLED)
            cancelled += 1
        elif job.attempts >= max_attempts(job.kind):
            _close(
                job,
                JobStatus.FAILED,
                f"The worker stopped {job.attempts} times while it ran this job, perhaps for lack of memory."
                " The worker's log tells more. Retry the job when the cause is mended.",
            )
            failed += 1
        else:
            _requeue(job)
            requeued.append(job.pk)
    return _Rescued(tuple(requeued), failed, cancelled)


def _requeue(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(
        status=JobStatus.QUEUED,
        claim=None,
        queued_at=Now(),
        sent_at=None,
        message="Its worker stopped; the job starts again.",
    )


def _close(job: Job, status: JobStatus, error: str = "") -> None:
    Job.objects.filter(pk=job.pk).update(status=status, error=error, claim=None, finished_at=Now())
