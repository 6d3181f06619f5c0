"""Looks after the connections to ML backends as background work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from apps.jobs.kinds import job_kind
from apps.jobs.models import Job, JobStatus
from apps.jobs.running import RunningJob
from apps.ml.checking import check_all

CHECK = "ml-backends"


@job_kind(CHECK, title="Look after ML backends", every=timedelta(minutes=1))
def check_backends(_job: RunningJob) -> dict[str, Any]:
    """Ask each backend whether it is well."""
    outcome = check_all()
    _forget_own_jobs()
    return outcome


def _forget_own_jobs() -> None:
    """Delete the rows of checks that went well: one a minute would make half a million a year."""
    Job.objects.filter(
        project=None, kind=CHECK, status=JobStatus.COMPLETED, finished_at__lt=Now() - timedelta(hours=1)
    ).delete()
