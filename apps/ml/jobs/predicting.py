"""Prediction runs, and the end of versions, as background work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.accounts.models import User
from apps.core.errors import ValidationFailed
from apps.jobs.kinds import job_kind
from apps.jobs.running import RunningJob
from apps.ml.predicting.running import carry_out
from apps.ml.predicting.runs import PREDICT
from apps.ml.predicting.triggers import start_scheduled_runs
from apps.ml.predicting.versions import (
    DELETE_VERSION,
    counts_of_versions,
    delete_predictions_of_version,
)
from apps.ml.quality.services import measure_after_run
from apps.projects.models import Project

STARTS_OF_A_LONG_RUN = 20
"""A run may last for days, and outlives the restarts of its workers meanwhile."""


@job_kind(PREDICT, title="Fetch predictions", max_attempts=STARTS_OF_A_LONG_RUN)
def predict(job: RunningJob) -> dict[str, Any]:
    """Ask a backend for predictions; goes on behind what an earlier attempt has stored."""
    result = carry_out(job)
    measure_after_run(project_id=job.project_id or 0, version=str(result["model_version"]))
    return result


@job_kind(DELETE_VERSION, title="Delete the predictions of a model version")
def delete_version(job: RunningJob) -> dict[str, Any]:
    """Delete batch by batch; what is deleted is gone, so it may be begun again."""
    project = Project.objects.filter(pk=job.project_id or 0, deleted_at=None).first()
    if project is None:
        raise ValidationFailed("The project of this version is gone.")
    version = str(job.payload["version"])
    total = counts_of_versions(project.pk).get(version, 0)

    def report(deleted: int) -> None:
        job.check_cancelled()
        job.advance(deleted, total=max(total, deleted), message=f"{deleted:,} predictions deleted")

    requested_by = User.objects.filter(pk=job.created_by_id or 0).first()
    deleted = delete_predictions_of_version(
        project=project, name=version, deleted_by=requested_by, report=report
    )
    return {"version": version, "deleted_predictions": deleted}


@job_kind("predict-by-schedule", title="Start scheduled predictions", every=timedelta(minutes=10))
def start_scheduled(_job: RunningJob) -> dict[str, Any]:
    """Start the runs that are due."""
    return {"started": start_scheduled_runs()}
