"""Background work on completions."""

from __future__ import annotations

from typing import Any

from apps.completions.relabeling import relabel, relabeling_to, wait_for_earlier_writers
from apps.jobs.kinds import job_kind
from apps.jobs.running import RunningJob
from apps.projects.config_changing import RELABEL
from apps.projects.queries import totals_of


@job_kind(RELABEL, title="Rename labels in completions")
def relabel_completions(job: RunningJob) -> dict[str, Any]:
    """Bring a project's completions to the names of a version of its labeling config; can be cancelled and retried."""
    project_id, version = int(job.payload["project"]), int(job.payload["config_version"])
    relabeling = relabeling_to(project_id, version, job.created_by_id)
    job.advance(0, message="Waiting for answers that are being saved")
    wait_for_earlier_writers(job.check_cancelled)
    total = totals_of([project_id])[project_id].tasks
    read = changed = 0
    for read, changed in relabel(relabeling):
        job.advance(
            read, total=max(total, read), message=f"Read {read:,} tasks, changed {changed:,} completions"
        )
        job.check_cancelled()
    return {"tasks": read, "changed_completions": changed, "config_version": version}
