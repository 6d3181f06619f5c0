"""What tests of predictions do again and again."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now

from apps.jobs.models import Job, JobStatus
from apps.jobs.runner import run as run_job
from apps.ml.models import MLBackend, PredictionRun, TaskFailure
from apps.ml.predicting.choosing import Chosen, Which, of_ids
from apps.ml.predicting.runs import start_run
from apps.predictions.models import Prediction
from apps.projects.models import Project
from apps.tasks.models import Task
from tests.ml.backends import connected
from tests.ml.fake_backend import FakeBackend

EVERY_TASK = Chosen(Which.ALL)


def quiet(project: Project, fake: FakeBackend, **fields: Any) -> MLBackend:
    """Return a backend that sets nothing in motion by itself."""
    return connected(project, fake, **{"predict_on_new_version": False, "auto_update": False, **fields})


def carried_out(run: PredictionRun) -> Job:
    """Do a run's job in this process, and return how it ended."""
    assert run.job is not None
    run_job(job_id=run.job.pk, worker="here")
    run.refresh_from_db()
    return Job.objects.get(pk=run.job.pk)


def predicted(backend: MLBackend, chosen: Chosen = EVERY_TASK, **options: Any) -> tuple[PredictionRun, Job]:
    """Start a run and carry it out."""
    run = start_run(backend=backend, chosen=chosen, **options)
    return run, carried_out(run)


def ids_of(project: Project) -> list[int]:
    """Return the ids of a project's tasks."""
    return list(Task.objects.filter(project=project).order_by("pk").values_list("pk", flat=True))


def predicted_ids(project: Project, version: str = "v1") -> list[int]:
    """Return the ids of the tasks that a version has predicted."""
    rows = Prediction.objects.filter(project=project, model_version=version).order_by("task_id")
    return list(rows.values_list("task_id", flat=True))


def asked_ids(fake: FakeBackend) -> list[int]:
    """Return the ids of the tasks that a backend was asked for, in the order in which it was."""
    return [task["id"] for request in fake.requests_to("/predict") for task in request.document["tasks"]]


def failed_run(backend: MLBackend, task_id: int) -> PredictionRun:
    """Return a run that failed, and got no prediction for one task."""
    run = start_run(backend=backend, chosen=of_ids([task_id]))
    assert run.job is not None
    Job.objects.filter(pk=run.job.pk).update(status=JobStatus.FAILED, error="It is down.", finished_at=Now())
    TaskFailure.objects.create(run=run, task_id=task_id, message="No answer.")
    again: PredictionRun = PredictionRun.objects.select_related("job", "backend").get(pk=run.pk)
    return again
