"""The Celery tasks of the job machinery itself: one, which runs any job."""

from __future__ import annotations

from uuid import UUID

from celery import Task, shared_task
from celery.signals import heartbeat_sent, worker_shutdown

from apps.jobs import upkeep
from apps.jobs.dispatch import RUN_JOB
from apps.jobs.runner import run


@shared_task(
    name=RUN_JOB,
    bind=True,
    # The message stays with the broker until the job has ended, and goes back when its process dies.
    acks_late=True,
    reject_on_worker_lost=True,
    ignore_result=True,
)
def run_job(self: Task[[str], None], job_id: str) -> None:
    """Run the job `job_id`; a second message for a job that runs or is finished does nothing."""
    run(job_id=UUID(job_id), worker=str(self.request.hostname or ""))


heartbeat_sent.connect(upkeep.on_heartbeat)
worker_shutdown.connect(upkeep.on_shutdown)
