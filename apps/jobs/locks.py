"""Every lock of this app. Row locks are taken one job at a time, the sweep's advisory lock before them."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from apps.jobs.models import Job, JobQuerySet

# Any number will do as long as nobody else takes it: "jobs" in ASCII.
SWEEP_LOCK = 0x6A6F6273


def lock_job(job_id: UUID) -> Job:
    """Lock one job until the end of the transaction and return it as it is now.

    Raises:
        Job.DoesNotExist: it was deleted.
    """
    return Job.objects.select_for_update(of=("self",)).get(pk=job_id)


def lock_unless_busy(jobs: JobQuerySet) -> list[Job]:
    """Lock those of `jobs` that nobody is writing at this moment: a locked job is alive."""
    return list(jobs.select_for_update(skip_locked=True, of=("self",)).order_by("pk"))


def try_lock_sweep() -> bool:
    """Take the right to sweep until the end of the transaction; False when another worker sweeps already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SWEEP_LOCK])
        (taken,) = cursor.fetchone()
    return bool(taken)
