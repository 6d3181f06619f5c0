"""How trainings end, and what is kept of what they said."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from apps.ml.locks import lock_backend
from apps.ml.models import Training, TrainingStatus
from apps.ml.training.starting import UNDER_WAY
from apps.ml.versions import name_in_project, note_version

LOG_CHARACTERS = 20_000
"""Of longer logs the end is kept: it says how the training went."""


def keep_log(training: Training, log: str | None) -> None:
    """Keep what a backend told of a training; nothing told leaves what is kept."""
    shown = storable(log or "")
    if shown and shown != training.log:
        training.log = shown
        Training.objects.filter(pk=training.pk).update(log=shown)


def storable(text: str) -> str:
    """Return the end of a text as Postgres can store it."""
    clean = text.replace("\x00", "�").encode("utf-8", "replace").decode()
    return clean if len(clean) <= LOG_CHARACTERS else f"…{clean[1 - LOG_CHARACTERS :]}"


@transaction.atomic
def end_training(training: Training, status: TrainingStatus, *, version: str = "", error: str = "") -> bool:
    """Write how a training ended, and make its version known; False when it was written before.

    Args:
        version: the model's version by now, as the backend names it.
        error: what went wrong and what to do, for people.

    Raises:
        NotFound: the backend was removed, and its trainings with it.
    """
    lock_backend(training.backend_id)  # first, as whoever starts a training does
    ended = Training.objects.filter(pk=training.pk, status__in=UNDER_WAY).update(
        status=status, error=storable(error), finished_at=Now()
    )
    if ended and version:
        name = name_in_project(training.backend, version)
        if name != training.version_before:
            name = note_version(backend=training.backend, name=version)
        Training.objects.filter(pk=training.pk).update(version_after=name)
    return bool(ended)
