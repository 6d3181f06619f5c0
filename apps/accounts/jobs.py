"""Background work on accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from apps.accounts.models import Session, SignInLink
from apps.jobs.kinds import job_kind
from apps.jobs.running import RunningJob

SESSION_CLEAN_UP = "session-clean-up"
BATCH = 5_000


@job_kind(SESSION_CLEAN_UP, title="Clean up sessions", every=timedelta(days=1))
def clean_up_sessions(job: RunningJob) -> dict[str, Any]:
    """Delete the sessions and sign-in links that have run out."""
    sessions = _delete(job, Session.objects.filter(expire_date__lt=Now()))
    links = _delete(job, SignInLink.objects.filter(expires_at__lt=Now()))
    return {"removed_sessions": sessions, "removed_links": links}


def _delete(job: RunningJob, over: QuerySet[Any]) -> int:
    """Delete rows in batches, each its own transaction, so that it may stop and run again; return how many.

    A session that is prolonged at this moment stays: the condition is asked again with the row.
    """
    removed = 0
    while keys := list(over.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        job.check_cancelled()
        removed += over.filter(pk__in=keys).delete()[0]
    return removed
