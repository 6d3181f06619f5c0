"""Runs one job: claim, handler, outcome."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import InterfaceError, OperationalError, close_old_connections

from apps.core.errors import ProductError
from apps.jobs.claims import Claim, Outcome, claim, finish, release
from apps.jobs.kinds import UnknownJobKindError, find_kind, max_attempts
from apps.jobs.models import JobStatus
from apps.jobs.running import JobCancelled, JobSuperseded, Pulse, RunningJob
from apps.jobs.timing import job_timing

logger = logging.getLogger(__name__)


def run(*, job_id: UUID, worker: str) -> None:
    """Run a job unless it is being run, is finished or gone.

    A handler's failure ends in the job's row, never in an exception: a blind retry would fail again. When the
    database goes away under the handler, the job goes back to the queue instead.

    Args:
        job_id: which job.
        worker: the name of the Celery worker, for people.
    """
    claimed = claim(job_id=job_id, worker=worker)
    if claimed is None:
        logger.info("Job %s needs no run", job_id)
        return
    outcome = _run_handler(claimed)
    if outcome is not None and not finish(claim=claimed, outcome=outcome):
        logger.warning("Job %s was taken over by another run; this one's end is not recorded", job_id)


def _run_handler(claimed: Claim) -> Outcome | None:
    """Run the handler and return how it ended; None when there is nothing left to write."""
    job = claimed.job
    with Pulse(claimed, job_timing()) as pulse:
        running = RunningJob(claimed, pulse)
        try:
            result = find_kind(job.kind).handler(running)
        except JobSuperseded:
            logger.warning("Job %s was taken over by another run; this one stops", job.pk)
            return None
        except JobCancelled:
            return Outcome(JobStatus.CANCELLED, progress=pulse.progress)
        except (OperationalError, InterfaceError) as error:
            logger.exception("Job %s lost the database", job.pk)
            return _after_lost_database(claimed, pulse, error)
        except (ProductError, UnknownJobKindError) as error:
            return Outcome(JobStatus.FAILED, error=str(error), progress=pulse.progress)
        except Exception as error:
            logger.exception("Job %s (%s) failed", job.pk, job.kind)
            return Outcome(JobStatus.FAILED, error=_sentence(error), progress=pulse.progress)
        if running.completed:
            return None
        return Outcome(JobStatus.COMPLETED, result=result or {}, progress=pulse.progress)


def _after_lost_database(claimed: Claim, pulse: Pulse, error: Exception) -> Outcome | None:
    """Queue the job again while it has attempts left; the sweeper sends it in a moment."""
    close_old_connections()
    if claimed.job.attempts >= max_attempts(claimed.job.kind):
        return Outcome(JobStatus.FAILED, error=_sentence(error), progress=pulse.progress)
    pulse.hold()
    release(claim=claimed, reason="The database did not answer; the job starts again.")
    return None


def _sentence(error: Exception) -> str:
    """Return an unexpected error for people: its class and text; the log has the traceback."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
