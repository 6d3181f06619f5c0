"""Background work on projects and their people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.jobs.kinds import job_kind
from apps.jobs.running import RunningJob
from apps.projects.guests import guests_over, kept_guests, remove_guest

GUEST_CLEAN_UP = "guest-clean-up"


@job_kind(GUEST_CLEAN_UP, title="Clean up guests", every=timedelta(days=1))
def clean_up_guests(job: RunningJob) -> dict[str, Any]:
    """Delete the guests whose time is over, each in a transaction of its own, so that it may stop and run again."""
    over = list(guests_over().values_list("pk", flat=True))
    removed = 0
    for number, guest_id in enumerate(over, start=1):
        job.check_cancelled()
        removed += remove_guest(guest_id=guest_id, removed_by=None)
        job.advance(number, total=len(over), message=f"Removed {removed:,} guests")
    return {"removed_guests": removed, "kept_guests": kept_guests().count()}
