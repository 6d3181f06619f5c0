"""Trains models as background work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from apps.jobs.kinds import job_kind
from apps.jobs.models import Job, JobStatus
from apps.jobs.running import RunningJob
from apps.jobs.services import enqueue
from apps.ml.models import Training, TrainingStatus
from apps.ml.training.due import projects_with_rules, start_due_trainings
from apps.ml.training.ending import end_training
from apps.ml.training.following import begin, follow, look_after
from apps.ml.training.noting import REACT, ask_to_react
from apps.ml.training.starting import TRAIN, UNDER_WAY
from apps.ml.training.telling import TELL, ask_to_tell, forget_old_events, tell

LOOK_AFTER = "ml-training-look"
LOOK_AFTER_ALL = "ml-trainings"

FOLLOWED_CLOSELY_SECONDS = 45.0
"""A training that takes longer gives its worker back, and is looked at once a minute."""


@job_kind(TRAIN, title="Train a model")
def train(job: RunningJob) -> dict[str, Any]:
    """Send the request, once, and follow the training; a run after a lost worker goes on following."""
    training_id: int = job.payload["training"]
    job.advance(0, message="Asking the ML backend to train")
    begin(training_id, ground_truth_only=job.payload["ground_truth_only"])
    job.advance(0, message="The ML backend trains")
    # A cancelled job would not stop the backend, so it is not asked whether it was.
    follow(training_id, seconds=FOLLOWED_CLOSELY_SECONDS, between=lambda: job.advance(0))
    return _result(training_id)


@job_kind(LOOK_AFTER, title="Look at a training")
def look_at_training(job: RunningJob) -> dict[str, Any]:
    """Send the request of a training whose job was lost before it, or look how it goes."""
    training_id: int = job.payload["training"]
    begin(training_id, ground_truth_only=job.payload["ground_truth_only"])
    look_after(training_id)
    return _result(training_id)


@job_kind(REACT, title="Look whether models are to be trained")
def react(job: RunningJob) -> dict[str, Any]:
    """Train what is due in a project, and tell its backends of completions."""
    project_id: int = job.payload["project"]
    started = start_due_trainings(project_id)
    return {"trainings": [training.pk for training in started], "told_backends": ask_to_tell(project_id)}


@job_kind(TELL, title="Tell models of completions")
def tell_backend(job: RunningJob) -> dict[str, Any]:
    """Tell a backend of all completions that wait for it."""
    return {"events": tell(job.payload["backend"], between=job.check_cancelled)}


@job_kind(LOOK_AFTER_ALL, title="Look after the training of models", every=timedelta(minutes=1))
def look_after_all(job: RunningJob) -> dict[str, Any]:
    """Go on where workers were lost, keep to schedules, and look at trainings that take long."""
    started = sum(len(start_due_trainings(project_id)) for project_id in projects_with_rules())
    looked_at = 0
    for training in Training.objects.filter(status__in=UNDER_WAY).select_related("job"):
        if training.job is not None and training.job.is_active:
            continue
        looked_at += 1
        if _was_cancelled(training):
            end_training(training, TrainingStatus.FAILED, error="It was cancelled before it was asked for.")
        else:
            _look_later(training)
    told = ask_to_tell()
    forgotten = forget_old_events()
    _forget_own_jobs()
    return {"started": started, "looked_at": looked_at, "told_backends": told, "forgotten_events": forgotten}


def _was_cancelled(training: Training) -> bool:
    """Whether somebody cancelled its job before the request was sent."""
    job = training.job
    return (
        training.status == TrainingStatus.REQUESTED and job is not None and job.status == JobStatus.CANCELLED
    )


def _look_later(training: Training) -> None:
    payload = dict(training.job.payload) if training.job else {}
    enqueue(
        kind=LOOK_AFTER,
        payload={"training": training.pk, "ground_truth_only": payload.get("ground_truth_only", False)},
        dedupe_key=f"{LOOK_AFTER}:{training.pk}",
    )


def _forget_own_jobs() -> None:
    """Delete the rows of small jobs that went well: one a minute would make half a million a year."""
    Job.objects.filter(
        project=None,
        kind__in=(LOOK_AFTER_ALL, LOOK_AFTER, REACT, TELL),
        status=JobStatus.COMPLETED,
        finished_at__lt=Now() - timedelta(hours=1),
    ).delete()


def _result(training_id: int) -> dict[str, Any]:
    training = Training.objects.filter(pk=training_id).first()
    if training is None:
        return {"status": "gone"}
    if training.status not in UNDER_WAY:
        ask_to_react(training.project_id)
    return {
        "status": training.status,
        "model_version": training.version_after,
        **({"error": training.error} if training.status != TrainingStatus.COMPLETED else {}),
    }
