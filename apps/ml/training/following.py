"""Sends the request for a training and follows what becomes of it, whichever worker is at it.

Where a training stands is in its row, not in a worker's memory: the row says that it runs *before* the request is
sent. So a worker that dies in between leaves a training that is followed and may turn out never to have begun, but
none that is started twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from apps.core.errors import ProductError
from apps.ml.calling import calling
from apps.ml.models import Training, TrainingStatus
from apps.ml.protocol.errors import BackendError, TooSlow
from apps.ml.protocol.training import TrainingState
from apps.ml.training.ending import end_training, keep_log
from apps.ml.training.learning_material import labeled_tasks
from apps.ml.versions import name_in_project

LONGEST = timedelta(hours=48)
"""A training that goes on for longer is no longer followed."""

LONGEST_UNTOLD = timedelta(hours=1)
"""Nor is, from then on, one of a backend that does not tell whether it trains: it keeps others from beginning."""

SETTLING = timedelta(seconds=20)
"""For so long after the request a backend that says it is not training may just not have begun."""

FIRST_PAUSE, LONGEST_PAUSE, PAUSES_GROW = 0.25, 5.0, 1.6


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a training found; `error` is why there was no answer."""

    state: TrainingState | None
    error: str = ""


def begin(training_id: int, *, ground_truth_only: bool) -> None:
    """Send the request for a training unless that was done, or tried, before."""
    training = _take(training_id)
    if training is None:
        return
    backend = training.backend
    try:
        with calling(backend, call="train") as client:
            started = client.start_training(
                tasks_with_completions=labeled_tasks(backend, ground_truth_only=ground_truth_only)
            )
    except TooSlow as error:
        # It may be at it all the same: those of one process train before they answer. So it is followed.
        keep_log(training, f"{error.cause_and_remedy}\nIt is followed all the same: it may be training.")
    except BackendError as error:
        end_training(training, TrainingStatus.FAILED, error=error.cause_and_remedy)
    except ProductError as error:
        end_training(training, TrainingStatus.FAILED, error=error.message)
    else:
        Training.objects.filter(pk=training.pk).update(remote_job=(started.remote_job or "")[:255])
        if started.done:
            end_training(training, TrainingStatus.COMPLETED, version=started.model_version or "")


@transaction.atomic
def _take(training_id: int) -> Training | None:
    """Return a requested training, now running; None when another worker sent its request before."""
    found: Training | None = (
        Training.objects.select_for_update(of=("self",))
        .select_related("backend__project")
        .filter(pk=training_id, status=TrainingStatus.REQUESTED)
        .first()
    )
    if found is None:
        return None
    found.status, found.version_before = TrainingStatus.RUNNING, found.backend.model_version
    Training.objects.filter(pk=found.pk).update(
        status=found.status, version_before=found.version_before, started_at=Now()
    )
    return found


def look_after(training_id: int) -> bool:
    """Ask once how a training goes, and end it when it is over; return whether it is."""
    training = _running(training_id)
    if training is None:
        return True
    look = _look(training)
    if look.state is not None:
        keep_log(training, look.state.log)
    outcome = _outcome(training, look)
    if outcome is None:
        return False
    end_training(training, outcome.status, version=outcome.version, error=outcome.error)
    return True


def follow(
    training_id: int,
    *,
    seconds: float,
    between: Callable[[], Any],
    pause: Callable[[float], Any] = time.sleep,
) -> bool:
    """Look after a training for a while; return whether it is over.

    Args:
        seconds: for how long; what lasts longer is looked after now and then by `apps.ml.jobs.training`.
        between: called before each look; what it raises ends the following.
        pause: waits that many seconds.
    """
    deadline = time.monotonic() + seconds
    for wait in _pauses():
        between()
        if look_after(training_id):
            return True
        if time.monotonic() + wait > deadline:
            return False
        pause(wait)
    return False  # pragma: no cover - the pauses never end


def _pauses() -> Iterator[float]:
    wait = FIRST_PAUSE
    while True:
        yield wait
        wait = min(wait * PAUSES_GROW, LONGEST_PAUSE)


def _running(training_id: int) -> Training | None:
    running = Training.objects.filter(pk=training_id, status=TrainingStatus.RUNNING)
    training: Training | None = running.select_related("backend__project").first()
    return training


def _look(training: Training) -> Look:
    try:
        with calling(training.backend, call="train") as client:
            return Look(client.training_state(remote_job=training.remote_job or None))
    except BackendError as error:
        return Look(None, error.cause_and_remedy)
    except ProductError as error:
        return Look(None, error.message)


@dataclass(frozen=True, slots=True)
class _Outcome:
    status: TrainingStatus
    version: str = ""
    error: str = ""


def _outcome(training: Training, look: Look) -> _Outcome | None:
    """Return how a training ended; None while it goes on, or while that cannot be told."""
    state = look.state
    version = name_in_project(training.backend, state.model_version) if state is not None else ""
    if state is not None and state.error:
        return _Outcome(TrainingStatus.FAILED, version, f"The backend says that it failed: {state.error}")
    if state is not None and not state.is_training and version not in ("", training.version_before):
        return _Outcome(TrainingStatus.COMPLETED, version)
    running_for = timezone.now() - (training.started_at or training.created_at)
    if state is not None and state.is_training is False and training.remote_job:
        return _Outcome(TrainingStatus.COMPLETED, version)
    if state is not None and state.is_training is False and running_for > SETTLING:
        return _Outcome(TrainingStatus.UNKNOWN, version, _NOTHING_NEW)
    longest = LONGEST_UNTOLD if state is not None and state.is_training is None else LONGEST
    if running_for <= longest:
        return None
    last = f" The last thing known: {look.error}" if look.error else ""
    return _Outcome(
        TrainingStatus.UNKNOWN, version, f"It was followed for {_hours(longest)} and had not ended.{last}"
    )


_NOTHING_NEW = (
    "The backend does not train, and names the version it had before. Either it never got the request, or its model"
    " learned nothing new. Look into the backend's log, and train again."
)


def _hours(duration: timedelta) -> str:
    hours = duration // timedelta(hours=1)
    return "an hour" if hours == 1 else f"{hours} hours"
