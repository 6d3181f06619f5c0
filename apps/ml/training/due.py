"""Which backends are to be trained by their own rules: after so many completions, or every so many hours."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import F, Q
from django.db.models.functions import Greatest, Least, Now
from django.utils import timezone

from apps.core.errors import ProductError
from apps.ml.models import MLBackend, RunTrigger, Training
from apps.ml.training.starting import UNDER_WAY, start_training
from apps.projects.queries import totals_of

logger = logging.getLogger(__name__)


def projects_with_rules() -> list[int]:
    """Return the ids of projects with a backend that trains by itself."""
    with_rule = MLBackend.objects.filter(Q(train_after_completions__gt=0) | Q(train_every_hours__gt=0))
    present = with_rule.filter(project__deleted_at=None, project__archived_at=None)
    return sorted(present.values_list("project_id", flat=True).distinct())


def start_due_trainings(project_id: int) -> list[Training]:
    """Count a project's completions since the last training of each of its backends, and train those that are due.

    The completions are counted by the project's totals, so submitting one costs nothing. Those that come while a
    training is under way count for the next.
    """
    _count(project_id)
    started = []
    for backend, trigger in _due(project_id):
        try:
            started.append(start_training(backend=backend, trigger=trigger))
        except ProductError as error:
            # Somebody else was quicker, or the project was archived: nothing is due any more.
            logger.info("Backend %s is not trained by its rule: %s", backend.pk, error)
    return started


def _count(project_id: int) -> None:
    completions = totals_of([project_id])[project_id].completions
    new = Greatest(completions - F("completions_at_training"), 0)
    backends = MLBackend.objects.filter(project_id=project_id)
    backends.filter(~Q(completions_since_training=new) | Q(completions_at_training__gt=completions)).update(
        completions_since_training=new,
        # Where completions were deleted, the next ones count all the same.
        completions_at_training=Least(F("completions_at_training"), completions),
    )


def _due(project_id: int) -> list[tuple[MLBackend, str]]:
    backends = MLBackend.objects.filter(
        project_id=project_id, project__deleted_at=None, project__archived_at=None, completions_since_training__gt=0
    ).filter(Q(retry_at=None) | Q(retry_at__lte=Now()))  # fmt: skip
    under_way = set(
        Training.objects.filter(project_id=project_id, status__in=UNDER_WAY).values_list(
            "backend_id", flat=True
        )
    )
    found: list[tuple[MLBackend, str]] = []
    for backend in backends:
        if backend.pk in under_way:
            continue
        if backend.train_after_completions and (
            backend.completions_since_training >= backend.train_after_completions
        ):
            found.append((backend, RunTrigger.COMPLETIONS))
        elif backend.train_every_hours and _is_long_ago(backend):
            found.append((backend, RunTrigger.SCHEDULE))
    return found


def _is_long_ago(backend: MLBackend) -> bool:
    last = Training.objects.filter(backend=backend).values_list("created_at", flat=True).first()
    since = last or backend.created_at
    return bool(timezone.now() - since >= timedelta(hours=backend.train_every_hours))
