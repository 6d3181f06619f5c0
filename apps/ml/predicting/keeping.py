"""Keeps what a backend answered to a run's tasks, together with how far the run is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from apps.core.json import dumps
from apps.ml.models import PredictionRun, TaskFailure
from apps.ml.protocol.answers import Answer, BadAnswer
from apps.predictions.storing import NewPrediction, store_predictions

SLICE = 250
"""How many tasks one transaction locks: people go on labeling them a moment later."""

MAX_MESSAGE = 2_000


class RunTakenOver(Exception):
    """Another worker goes on with this run, or the run is deleted: nothing was stored."""


@dataclass(frozen=True, slots=True)
class _Counts:
    predicted: int = 0
    failed: int = 0


def keep_answers(run: PredictionRun, task_ids: Sequence[int], answers: Sequence[Answer | BadAnswer]) -> None:
    """Store the answers to some tasks, slice by slice; `run` tells afterwards how far it is.

    Each slice is one transaction with the run's own progress, so that a run which is taken up again stores nothing
    twice and counts nothing twice.

    Args:
        task_ids: what was asked for; those without an answer were deleted meanwhile.

    Raises:
        RunTakenOver: another worker has written the run's progress.
    """
    by_task = {answer.task_id: answer for answer in answers}
    for ids in _slices(task_ids):
        _keep_slice(run, ids, [by_task[pk] for pk in ids if pk in by_task])


@transaction.atomic
def _keep_slice(run: PredictionRun, task_ids: Sequence[int], answers: list[Answer | BadAnswer]) -> None:
    good = [answer for answer in answers if isinstance(answer, Answer)]
    bad = [answer for answer in answers if isinstance(answer, BadAnswer)]
    stored = store_predictions(project_id=run.project_id, predictions=map(_prediction, good))
    counts = _Counts(stored.inserted + stored.updated, len(bad))
    version = good[-1].model_version if good else run.model_version
    _advance(run, max(run.reached_task_id, *task_ids), counts, version)
    failures = [TaskFailure(run=run, task_id=one.task_id, message=one.message[:MAX_MESSAGE]) for one in bad]
    TaskFailure.objects.bulk_create(failures, ignore_conflicts=True)


def _advance(run: PredictionRun, reached: int, counts: _Counts, version: str) -> None:
    """Write the run's progress, unless somebody else has done so since this worker read it."""
    found = PredictionRun.objects.filter(
        pk=run.pk, reached_task_id=run.reached_task_id, predicted=run.predicted, failed=run.failed
    )
    predicted, failed = run.predicted + counts.predicted, run.failed + counts.failed
    if not found.update(reached_task_id=reached, predicted=predicted, failed=failed, model_version=version):
        raise RunTakenOver
    run.reached_task_id, run.predicted, run.failed, run.model_version = reached, predicted, failed, version


def _prediction(answer: Answer) -> NewPrediction:
    return NewPrediction(
        answer.task_id, dumps(answer.result), answer.score, answer.model_version, answer.cluster
    )


def _slices(task_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(task_ids), SLICE):
        yield task_ids[start : start + SLICE]
