"""Whatever happens to the worker, a prediction run goes on behind what it has stored, and counts it once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from apps.jobs.models import JobStatus
from apps.ml.models import PredictionRun
from apps.ml.predicting.runs import start_run
from apps.predictions.models import Prediction
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.statistics.models import ScoreCount
from tests.factories import make_project
from tests.jobs.conftest import WorkerProcess, broker, has_status, start_worker, wait_until
from tests.ml.fake_backend import FakeBackend, fake_backend
from tests.ml.predicting import EVERY_TASK, asked_ids, ids_of, quiet

__all__ = ["broker", "start_worker"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

TASKS = 600
BATCH = 10
SLOTS = 2
Start = Callable[[], WorkerProcess]


@pytest.fixture
def fake(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBackend]:
    """A backend whose workers are let through to this machine."""
    monkeypatch.setenv("ML_ALLOW_LOOPBACK", "true")
    settings.ML_ALLOW_LOOPBACK = True
    with fake_backend() as backend:
        yield backend


def stored(run: PredictionRun, least: int) -> Callable[[], bool]:
    """Return a condition: the run has stored so many predictions, or is over."""

    def reached() -> bool:
        now = PredictionRun.objects.select_related("job").get(pk=run.pk)
        return now.predicted >= least or (now.job is not None and now.job.status == JobStatus.COMPLETED)

    return reached


def assert_nothing_is_half_stored(run: PredictionRun, project: Project) -> None:
    """Check that what the run says is what there is."""
    now = PredictionRun.objects.get(pk=run.pk)
    assert Prediction.objects.filter(project=project).count() == now.predicted
    assert totals_of([project.pk])[project.pk].predictions == now.predicted
    assert sum(ScoreCount.objects.values_list("predictions", flat=True)) == now.predicted


def test_a_run_whose_worker_is_killed_again_and_again_predicts_every_task_once(
    start_worker: Start, fake: FakeBackend
) -> None:
    project = make_project(tasks=TASKS)
    run = start_run(backend=quiet(project, fake, batch_size=BATCH, concurrency=SLOTS), chosen=EVERY_TASK)
    assert run.job is not None
    for least in (100, 300):
        worker = start_worker()
        wait_until(stored(run, least))
        worker.kill()
        assert_nothing_is_half_stored(run, project)

    start_worker()
    wait_until(has_status(run.job, JobStatus.COMPLETED), seconds=120)

    assert_nothing_is_half_stored(run, project)
    run.refresh_from_db()
    assert (run.predicted, run.failed, run.total) == (TASKS, 0, TASKS)
    assert sorted(set(asked_ids(fake))) == ids_of(project)
    # Of what a dead worker had asked for, only what was not stored is asked for again.
    assert len(asked_ids(fake)) <= TASKS + 2 * 4 * SLOTS * BATCH
