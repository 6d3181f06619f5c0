"""From the row to the message: hands committed jobs to the broker."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models.functions import Now

from apps.jobs.models import Job, JobStatus

RUN_JOB = "jobs.run"
"""The name of the Celery task that runs a job."""


def deliver(job_ids: Sequence[UUID]) -> int:
    """Send the messages of committed jobs, note when, and return how many were sent.

    A broker that is away is no error: the jobs stay queued without `sent_at`, and the sweeper tries again.
    """
    # Not at the top: it imports Celery, half a second that pages and commands without jobs need not pay.
    from apps.jobs.broker import publish

    sent = publish(job_ids)
    Job.objects.filter(pk__in=sent, status=JobStatus.QUEUED).update(sent_at=Now())
    return len(sent)
