"""A run of a job, as the table sees it: claimed once, written only by its claim, finished once.

A claim is a fresh UUID that the run writes into the job's row. Every later write of the run names it, so a
run that was taken for dead and replaced (a zombie) changes nothing any more.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from apps.jobs.kinds import max_attempts
from apps.jobs.locks import lock_job
from apps.jobs.models import Job, JobQuerySet, JobStatus
from apps.jobs.timing import job_timing

MAX_TEXT = 2000
"""Longer messages and errors are cut: they are for people; the log has the rest."""


@dataclass(frozen=True)
class Claim:
    """The right of one run to write its job."""

    job: Job
    token: UUID

    def row(self) -> JobQuerySet:
        """Return the job's row as long as this run owns it, else no row."""
        return Job.objects.filter(pk=self.job.pk, claim=self.token, status=JobStatus.RUNNING)


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    done: int = 0
    total: int | None = None
    message: str = ""

    def as_columns(self) -> dict[str, Any]:
        """Return the columns that hold it."""
        return {"progress": self.done, "total": self.total, "message": readable(self.message)}


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    status: JobStatus
    result: Mapping[str, Any] | None = None
    error: str = ""
    progress: Progress = field(default_factory=Progress)


def readable(text: str) -> str:
    """Return `text` as Postgres can store it and people can read it."""
    storable = text.replace("\x00", "�").encode("utf-8", "replace").decode()
    return storable if len(storable) <= MAX_TEXT else f"{storable[: MAX_TEXT - 1]}…"


@transaction.atomic
def claim(*, job_id: UUID, worker: str) -> Claim | None:
    """Start a run of a queued job, or of a running one whose worker has gone silent.

    Returns:
        The job and the right to write it; None when there is nothing to do: another run is at it, it is finished,
        or it is gone.
    """
    try:
        job = lock_job(job_id)
    except Job.DoesNotExist:
        return None
    if not _may_start(job):
        return None
    token = uuid.uuid4()
    Job.objects.filter(pk=job_id).update(
        status=JobStatus.RUNNING,
        claim=token,
        worker=worker,
        attempts=F("attempts") + 1,
        started_at=Now(),
        heartbeat_at=Now(),
        **Progress().as_columns(),
    )
    return Claim(Job.objects.get(pk=job_id), token)


def _may_start(job: Job) -> bool:
    """Whether a locked job waits for a run; the sweeper closes what is cancelled or out of attempts."""
    if job.cancel_requested or job.attempts >= max_attempts(job.kind):
        return False
    if job.status == JobStatus.QUEUED:
        return True
    return Job.objects.stale(job_timing()).filter(pk=job.pk).exists()


def beat(*, claim: Claim, progress: Progress) -> bool | None:
    """Write the run's sign of life and progress.

    Returns:
        Whether the run shall stop because somebody cancelled the job; None when the run owns the job no more.
    """
    if not claim.row().update(heartbeat_at=Now(), **progress.as_columns()):
        return None
    return claim.row().values_list("cancel_requested", flat=True).first()


def finish(*, claim: Claim, outcome: Outcome) -> bool:
    """Write how the run ended; False, and nothing written, when the run owns the job no more."""
    result = None if outcome.result is None else dict(outcome.result)
    updated = claim.row().update(
        status=outcome.status,
        result=result,
        error=readable(outcome.error),
        claim=None,
        heartbeat_at=Now(),
        finished_at=Now(),
        **outcome.progress.as_columns(),
    )
    return bool(updated)


def release(*, claim: Claim, reason: str) -> bool:
    """Put the job back into the queue for the sweeper; False when the run owns the job no more.

    Args:
        reason: why the run could not go on, for people; it stands in the job's message until the next run.
    """
    updated = claim.row().update(
        status=JobStatus.QUEUED, claim=None, queued_at=Now(), sent_at=None, message=readable(reason)
    )
    return bool(updated)
