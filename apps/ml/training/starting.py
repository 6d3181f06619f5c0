"""Starts trainings: one under way a backend, whoever asks and however often."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import Conflict, NotAllowed, ValidationFailed
from apps.jobs.services import enqueue
from apps.ml.locks import lock_backend
from apps.ml.models import MLBackend, RunTrigger, Training, TrainingStatus
from apps.projects.models import Project
from apps.projects.queries import totals_of

TRAIN = "ml-training"
"""The kind of the job that starts a training and follows it."""

UNDER_WAY = (TrainingStatus.REQUESTED, TrainingStatus.RUNNING)


@transaction.atomic
def start_training(
    *,
    backend: MLBackend,
    trigger: str = RunTrigger.PERSON,
    created_by: User | None = None,
    ground_truth_only: bool | None = None,
) -> Training:
    """Ask for a training of a backend's model; a worker sends the request and follows what becomes of it.

    Args:
        trigger: one of `RunTrigger`.
        created_by: who asks for it; None: a rule does.
        ground_truth_only: learn from ground truth alone; None: as the backend's setting says.

    Raises:
        NotFound: the backend was removed.
        NotAllowed: the project is archived.
        ValidationFailed: there is nothing to learn from.
        Conflict: a training of this backend is under way; the error names it.
    """
    locked = lock_backend(backend.pk)
    project = locked.project
    from_ground_truth = locked.use_ground_truth_only if ground_truth_only is None else ground_truth_only
    completions = _countable(project, ground_truth_only=from_ground_truth)
    training = _insert(locked, trigger=trigger, completions=completions, created_by=created_by)
    training.job = enqueue(
        kind=TRAIN,
        project=project,
        created_by=created_by,
        payload={"training": training.pk, "ground_truth_only": from_ground_truth},
        dedupe_key=f"{TRAIN}:{training.pk}",
    )
    training.save(update_fields=["job"])
    _log(training, ground_truth_only=from_ground_truth)
    locked.completions_at_training = totals_of([project.pk])[project.pk].completions
    locked.completions_since_training = 0
    locked.save(update_fields=["completions_at_training", "completions_since_training"])
    return training


def _log(training: Training, *, ground_truth_only: bool) -> None:
    """Write down who started a training; what rules start stands in the backend's history alone."""
    if training.created_by is not None:
        record(
            AuditAction.TRAINING_STARTED, actor=training.created_by, target=training.backend,
            project_id=training.project_id,
            after={
                "training": training.pk, "ground_truth_only": ground_truth_only,
                "completions": training.completions,
            },
        )  # fmt: skip


def _countable(project: Project, *, ground_truth_only: bool) -> int:
    """Return how many completions there are to learn from; at least one."""
    if project.archived_at is not None:
        raise NotAllowed("This project is archived: its models are not trained. Bring it back first.")
    totals = totals_of([project.pk])[project.pk]
    if ground_truth_only and not totals.ground_truths:
        raise ValidationFailed(
            "There is nothing to learn from: no completion is marked as ground truth, and this model learns from"
            " ground truth alone. Mark some, or change the setting."
        )
    if not totals.completions:
        raise ValidationFailed(
            "There is nothing to learn from: no task has a completion. Label some tasks first."
        )
    return totals.ground_truths if ground_truth_only else totals.completions


def _insert(backend: MLBackend, *, trigger: str, completions: int, created_by: User | None) -> Training:
    """Insert the training; the unique index over those under way decides between two who ask at once."""
    training = Training(
        project_id=backend.project_id,
        backend=backend,
        trigger=trigger,
        completions=completions,
        version_before=backend.model_version,
        created_by=created_by,
    )
    try:
        with transaction.atomic():
            training.save(force_insert=True)
    except IntegrityError:
        first = Training.objects.filter(backend=backend, status__in=UNDER_WAY).first()
        if first is None:
            raise
        raise Conflict(
            f'"{backend}" is being trained already: training {first.pk} is {first.get_status_display().lower()}.'
            " Wait until it has ended.",
            details={"training": first.pk},
        ) from None
    return training
