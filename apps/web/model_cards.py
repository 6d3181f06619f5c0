"""ML backends as cards: how each is, what it does at this moment, what went wrong, what it learned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from apps.accounts.models import User
from apps.core.counted import counted
from apps.jobs.models import Job
from apps.jobs.queries import with_waiting_reasons
from apps.ml.calling import pause_of
from apps.ml.models import (
    BackendFailure,
    BackendState,
    MLBackend,
    PredictionRun,
    TaskFailure,
    Training,
    TrainingStatus,
)
from apps.ml.predicting.versions import VersionRow
from apps.ml.queries import backends_of, first_failures
from apps.projects.models import Project

SHOWN_FAILURES = 5
SHOWN_TRAININGS = 10
SHOWN_TASK_FAILURES = 10
LOG_LINES = 12
"""Of a training under way the end of the log is shown, so many lines."""

_STATE_COLORS = {
    BackendState.CONNECTED: "green",
    BackendState.TRAINING: "blue",
    BackendState.PREDICTING: "blue",
    BackendState.DISCONNECTED: "red",
    BackendState.ERROR: "red",
}
_TRAINING_COLORS = {
    TrainingStatus.COMPLETED: "green",
    TrainingStatus.FAILED: "red",
    TrainingStatus.UNKNOWN: "yellow",
}
_UNDER_WAY = (TrainingStatus.REQUESTED, TrainingStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class ShownTraining:
    """A training as people read it."""

    row: Training

    @property
    def is_under_way(self) -> bool:
        """Whether it goes on."""
        return self.row.status in _UNDER_WAY

    @property
    def color(self) -> str:
        """The colour of its state."""
        return _TRAINING_COLORS.get(TrainingStatus(self.row.status), "blue")

    @property
    def took(self) -> timedelta | None:
        """How long it went on; None while nobody knows."""
        if self.row.started_at is None or self.row.finished_at is None:
            return None
        return self.row.finished_at - self.row.started_at

    @property
    def last_lines(self) -> str:
        """The end of its log."""
        return "\n".join(self.row.log.splitlines()[-LOG_LINES:])


@dataclass(frozen=True, slots=True)
class BackendCard:
    """A backend with what is shown around it.

    Attributes:
        run: its newest prediction run, whose job has the reason why it waits.
        run_failures: some of the tasks for which that run got no prediction.
        trainings: the newest first.
    """

    backend: MLBackend
    run: PredictionRun | None = None
    run_failures: Sequence[TaskFailure] = ()
    trainings: Sequence[ShownTraining] = ()
    failures: Sequence[BackendFailure] = ()
    versions: Sequence[VersionRow] = field(default_factory=list)

    @property
    def state_color(self) -> str:
        """The colour of its state."""
        return _STATE_COLORS[BackendState(self.backend.state)]

    @property
    def pause_seconds(self) -> int | None:
        """For how long it is left in peace after many failures; None when it is not."""
        pause = pause_of(self.backend)
        return None if pause is None else int(pause.total_seconds())

    @property
    def training(self) -> ShownTraining | None:
        """The training that goes on."""
        return self.trainings[0] if self.trainings and self.trainings[0].is_under_way else None

    @property
    def is_predicting(self) -> bool:
        """Whether a run goes on."""
        return self.run is not None and self.run.job is not None and self.run.job.is_active

    @property
    def is_active(self) -> bool:
        """Whether anything goes on that the page waits for."""
        return self.is_predicting or self.training is not None

    @property
    def percent(self) -> int | None:
        """How far the run is; None while nobody knows how many tasks there are."""
        if self.run is None or not self.run.total:
            return None
        return min(100, (self.run.predicted + self.run.failed) * 100 // self.run.total)

    @property
    def habits(self) -> list[str]:
        """What it does by itself, as parts of a sentence."""
        backend = self.backend
        rules = (
            (
                backend.train_after_completions,
                f"trains after every {counted(backend.train_after_completions, 'new completion')}",
            ),
            (backend.train_every_hours, f"trains every {counted(backend.train_every_hours, 'hour')}"),
            (
                backend.predict_every_hours,
                f"predicts what is left every {counted(backend.predict_every_hours, 'hour')}",
            ),
            (backend.predict_on_import, "predicts what is imported"),
            (backend.predict_on_open, "predicts tasks that are opened"),
            (backend.predict_on_new_version, "predicts unlabeled tasks anew with each new version"),
            (backend.auto_update, "shows people its newest version"),
            (backend.is_interactive, "helps people while they draw"),
            (backend.send_completion_events, "hears of each completion"),
        )
        return [words for applies, words in rules if applies]

    @property
    def may_go_on(self) -> bool:
        """Whether the run ended before its time and can be taken up again."""
        return (
            self.run is not None
            and self.run.job is not None
            and self.run.job.status in ("failed", "cancelled")
        )


def backend_cards(
    project: Project, viewer: User, *, versions: Sequence[VersionRow] = (), only: int | None = None
) -> list[BackendCard]:
    """Return the cards of a project's backends; as many queries for many as for one.

    Args:
        versions: those of the project, to be shown with their backends.
        only: the id of the one backend that is asked for.
    """
    backends: list[MLBackend] = list(backends_of(project).filter(**({"pk": only} if only else {})))
    if not backends:
        return []
    ids = [backend.pk for backend in backends]
    runs = _newest_runs(ids, viewer)
    trainings: dict[int, list[ShownTraining]] = defaultdict(list)
    for row in Training.objects.filter(backend_id__in=ids).select_related("created_by").order_by("-pk")[:500]:
        trainings[row.backend_id].append(ShownTraining(row))
    failures: dict[int, list[BackendFailure]] = defaultdict(list)
    for failure in BackendFailure.objects.filter(backend_id__in=ids).order_by("-pk"):
        failures[failure.backend_id].append(failure)
    task_failures = first_failures([run.pk for run in runs.values() if run.failed], limit=SHOWN_TASK_FAILURES)
    return [
        BackendCard(
            backend=backend,
            run=runs.get(backend.pk),
            run_failures=task_failures.get(runs[backend.pk].pk, []) if backend.pk in runs else (),
            trainings=trainings[backend.pk][:SHOWN_TRAININGS],
            failures=failures[backend.pk][:SHOWN_FAILURES],
            versions=[version for version in versions if version.backend_id == backend.pk],
        )
        for backend in backends
    ]


def _newest_runs(backend_ids: list[int], viewer: User) -> dict[int, PredictionRun]:
    newest = PredictionRun.objects.filter(backend_id__in=backend_ids).order_by("backend_id", "-pk")
    runs = list(newest.distinct("backend_id").defer("chosen").select_related("created_by"))
    job_ids = [run.job_id for run in runs if run.job_id]
    jobs = {
        job.pk: job for job in with_waiting_reasons(list(Job.objects.for_user(viewer).filter(pk__in=job_ids)))
    }
    for run in runs:
        run.job = jobs.get(run.job_id)
    return {run.backend_id: run for run in runs}
