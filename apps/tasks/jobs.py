"""Background work on tasks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.jobs.kinds import job_kind
from apps.jobs.running import RunningJob
from apps.projects.deletion import DELETE_PROJECT
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.tasks.frontiers import forget_returns
from apps.tasks.leases import delete_expired_leases
from apps.tasks.services import delete_batch


@job_kind(DELETE_PROJECT, title="Delete project")
def delete_project(job: RunningJob) -> dict[str, Any]:
    """Delete a project that was hidden before: its tasks batch by batch, then the project itself."""
    project_id = int(job.payload["project"])
    total, deleted = totals_of([project_id])[project_id].tasks, 0
    while batch := delete_batch(project_id=project_id):
        deleted += batch
        job.advance(deleted, total=max(total, deleted), message=f"Deleted {deleted:,} tasks")
    Project.objects.filter(pk=project_id).exclude(deleted_at=None).delete()
    return {"deleted_tasks": deleted}


@job_kind("lease-clean-up", title="Clean up expired reservations", every=timedelta(days=1))
def clean_up_leases(job: RunningJob) -> dict[str, Any]:
    """Delete reservations that ran out long ago, and old notes of what came back to a queue."""
    return {"deleted_leases": delete_expired_leases(), "forgotten_returns": forget_returns()}
