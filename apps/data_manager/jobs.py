"""Background work on a project's queue."""

from __future__ import annotations

from typing import Any

from apps.data_manager.queue_rules import apply_queue_rules
from apps.jobs.kinds import job_kind
from apps.jobs.running import RunningJob
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.projects.services import APPLY_QUEUE_RULES


@job_kind(APPLY_QUEUE_RULES, title="Update the queue")
def apply_rules(job: RunningJob) -> dict[str, Any]:
    """Bring the tasks in step with the project's overlap, skip rule and model version."""
    project = Project.objects.get(pk=job.payload["project"])
    total = totals_of([project.pk])[project.pk].tasks
    read = changed = 0
    for read, changed in apply_queue_rules(project, old_overlap=int(job.payload["old_overlap"])):
        job.advance(read, total=max(total, read), message=f"Checked {read:,} tasks, changed {changed:,}")
    return {"tasks": read, "changed": changed}
