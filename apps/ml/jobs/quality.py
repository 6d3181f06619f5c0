"""Measures models as background work."""

from __future__ import annotations

from typing import Any

from apps.jobs.kinds import job_kind
from apps.jobs.running import JobCancelled, RunningJob
from apps.ml.quality.services import MODEL_QUALITY, count_work, measure_version
from apps.projects.models import Project


@job_kind(MODEL_QUALITY, title="Measure models")
def measure_models(job: RunningJob) -> dict[str, Any]:
    """Write a report of each version; one that is cancelled or starts again leaves no version with half a report."""
    project = Project.objects.filter(pk=job.project_id or 0, deleted_at=None).first()
    if project is None:
        raise JobCancelled
    versions: list[str] = job.payload["model_versions"]
    ground_truth_only: bool = job.payload["ground_truth_only"]
    job.advance(0, message="Counting tasks")
    total = count_work(project, versions, ground_truth_only=ground_truth_only)
    reports: dict[str, int] = {}
    measured = 0
    for version in versions:
        job.check_cancelled()
        report = measure_version(
            project, version, ground_truth_only=ground_truth_only, job=job, measured=measured, total=total
        )
        if report is not None:
            reports[version] = report.pk
            measured += report.tasks
    return {"reports": reports, "tasks": measured}
