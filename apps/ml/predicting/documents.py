"""Prediction runs and model versions as the API and the pages tell of them."""

from __future__ import annotations

from typing import Any

from apps.ml.models import PredictionRun, TaskFailure
from apps.ml.predicting.comparing import Comparison
from apps.ml.predicting.versions import VersionRow


def run_document(run: PredictionRun) -> dict[str, Any]:
    """Return a run, with how it stands; read it with its job."""
    job = run.job
    return {
        "id": run.pk,
        "project": run.project_id,
        "ml_backend": run.backend_id,
        "trigger": run.trigger,
        "job": job.pk if job else None,
        "status": job.status if job else None,
        "error": job.error if job else "",
        "total": run.total,
        "predicted": run.predicted,
        "failed": run.failed,
        "model_version": run.model_version,
        "created_by": run.created_by_id,
        "created_at": run.created_at,
        "finished_at": job.finished_at if job else None,
    }


def failure_document(failure: TaskFailure) -> dict[str, Any]:
    """Return a task without a prediction, and why."""
    return {"task": failure.task_id, "message": failure.message}


def version_document(version: VersionRow) -> dict[str, Any]:
    """Return a version as it stands in lists."""
    return {
        "model_version": version.name,
        "predictions": version.predictions,
        "ml_backend": version.backend_id,
        "first_seen_at": version.first_seen_at,
        "is_shown": version.is_shown,
    }


def comparison_document(one: str, other: str, found: Comparison) -> dict[str, Any]:
    """Return two versions side by side."""
    return {
        "one": one,
        "other": other,
        "tasks": found.tasks,
        "is_sample": found.is_sample,
        "scores": list(found.scores),
        "controls": [
            {"name": control.control, "tasks": control.tasks, "agree": control.agree}
            for control in found.controls
        ],
    }
