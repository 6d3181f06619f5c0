"""What people and apps ask of jobs: enqueue, cancel, retry. Runs are in `claims`, rescue in `sweeping`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now

from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import Conflict, NotFound, ValidationFailed
from apps.jobs.dispatch import deliver
from apps.jobs.kinds import find_kind, kind_title
from apps.jobs.locks import lock_job
from apps.jobs.models import Job, JobStatus

if TYPE_CHECKING:
    from apps.accounts.models import User

_AS_NEW: dict[str, Any] = {
    "status": JobStatus.QUEUED,
    "cancel_requested": False,
    "progress": 0,
    "total": None,
    "message": "",
    "error": "",
    "result": None,
    "attempts": 0,
    "worker": "",
    "sent_at": None,
    "started_at": None,
    "heartbeat_at": None,
    "finished_at": None,
}
"""What a job that is retried forgets of its earlier runs."""


@transaction.atomic
def enqueue(
    *,
    kind: str,
    project: models.Model | None = None,
    created_by: AbstractBaseUser | None = None,
    payload: Mapping[str, Any] | None = None,
    dedupe_key: str = "",
) -> Job:
    """Write a job into the caller's transaction; it is sent to the workers when that commits.

    Args:
        kind: a name declared with `job_kind`.
        project: whose members see the job; it is deleted with the project.
        created_by: who asked for it.
        payload: what the handler needs, as JSON: ids rather than rows.
        dedupe_key: when an active job has this key already, that job is returned and no second one is made.

    Raises:
        UnknownJobKindError: no installed app declares `kind`.
        Conflict: jobs of the same `dedupe_key` came and went too fast.
    """
    find_kind(kind)
    job = Job(
        kind=kind,
        project_id=project.pk if project else None,
        created_by_id=created_by.pk if created_by else None,
        payload=dict(payload or {}),
        dedupe_key=dedupe_key,
    )
    if dedupe_key:
        return _insert_unless_active(job)
    job.save(force_insert=True)
    _deliver_on_commit(job.pk)
    return Job.objects.get(pk=job.pk)


def _insert_unless_active(job: Job) -> Job:
    """Insert `job`, or return the active job of the same key; the unique index decides between rivals."""
    for _ in range(5):
        Job.objects.bulk_create([job], ignore_conflicts=True)
        if inserted := Job.objects.filter(pk=job.pk).first():
            _deliver_on_commit(inserted.pk)
            return inserted
        if active := Job.objects.active().filter(dedupe_key=job.dedupe_key).first():
            return active
        # The rival finished between the two statements: now there is room.
    raise Conflict("The same work is being asked for many times at this moment. Try again in a few seconds.")


def _deliver_on_commit(job_id: UUID) -> None:
    transaction.on_commit(partial(deliver, [job_id]), robust=True)


@transaction.atomic
def cancel(*, job: Job, cancelled_by: User | None = None) -> Job:
    """Cancel a queued job at once, or ask a running one to stop at its next opportunity.

    Args:
        cancelled_by: who asks for it, for the audit log; None is the system.

    Raises:
        NotFound: the job is gone.
        ValidationFailed: it is completed or failed already.
    """
    locked = _lock(job)
    was_asked = locked.cancel_requested or locked.status == JobStatus.CANCELLED
    if locked.status == JobStatus.QUEUED:
        locked.status = JobStatus.CANCELLED
        locked.cancel_requested = True
        locked.finished_at = Now()
        locked.save(update_fields=["status", "cancel_requested", "finished_at"])
    elif locked.status == JobStatus.RUNNING:
        locked.cancel_requested = True
        locked.save(update_fields=["cancel_requested"])
    elif locked.status != JobStatus.CANCELLED:
        raise ValidationFailed(f"This job cannot be cancelled: it is {locked.status} already.")
    if not was_asked:
        _record(AuditAction.JOB_CANCELLED, locked, cancelled_by)
    return Job.objects.get(pk=locked.pk)


@transaction.atomic
def retry(*, job: Job, retried_by: User | None = None) -> Job:
    """Queue a failed or cancelled job again, from the start.

    Args:
        retried_by: who asks for it, for the audit log; None is the system.

    Raises:
        NotFound: the job is gone.
        ValidationFailed: it is active or completed, or another active job does the same work.
    """
    locked = _lock(job)
    if locked.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
        raise ValidationFailed(f"Only a failed or cancelled job can be retried; this one is {locked.status}.")
    try:
        with transaction.atomic():
            Job.objects.filter(pk=locked.pk).update(queued_at=Now(), **_AS_NEW)
    except IntegrityError as error:
        raise ValidationFailed("Another job does the same work. Wait until it is finished.") from error
    _record(AuditAction.JOB_RETRIED, locked, retried_by)
    _deliver_on_commit(locked.pk)
    return Job.objects.get(pk=locked.pk)


def _record(action: AuditAction, job: Job, actor: User | None) -> None:
    record(action, actor=actor, target=job, target_name=kind_title(job.kind), project_id=job.project_id)


def _lock(job: Job) -> Job:
    try:
        return lock_job(job.pk)
    except Job.DoesNotExist:
        raise NotFound("This job does not exist any more: its project was deleted.") from None
