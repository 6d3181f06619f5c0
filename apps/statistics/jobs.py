"""Background work on the counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.jobs.kinds import job_kind
from apps.jobs.running import RunningJob
from apps.statistics.counting import count_block
from apps.statistics.freshness import COUNT_STATISTICS
from apps.statistics.models import ChangedBlock
from apps.statistics.sums import merge_sums, miscounted_projects, recount_project, scattered_projects

CHECK_STATISTICS = "statistics-check"


@job_kind(COUNT_STATISTICS, title="Count for the statistics", every=timedelta(hours=1))
def count_changes(job: RunningJob) -> dict[str, Any]:
    """Count what was noted as changed, and merge what is scattered."""
    unknown = ChangedBlock.objects.filter(block=None).values_list("project_id", flat=True)
    for project_id in sorted(set(unknown)):
        job.check_cancelled()
        recount_project(project_id)
    changed = ChangedBlock.objects.values_list("project_id", "block").distinct()
    blocks = sorted((project_id, block) for project_id, block in changed if block is not None)
    for done, (project_id, block) in enumerate(blocks, start=1):
        job.check_cancelled()
        count_block(project_id, block)
        job.advance(done, total=len(blocks), message=f"Counted {done:,} of {len(blocks):,} blocks")
    merged = scattered_projects()
    for project_id in merged:
        merge_sums(project_id)
    return {"blocks": len(blocks), "merged_projects": len(merged)}


@job_kind(CHECK_STATISTICS, title="Check the statistics", every=timedelta(days=1))
def check_counts(job: RunningJob) -> dict[str, Any]:
    """Compare the counts with the projects' running totals, and count anew what differs."""
    wrong = miscounted_projects()
    for project_id in wrong:
        job.check_cancelled()
        recount_project(project_id)
    return {"recounted_projects": wrong}
