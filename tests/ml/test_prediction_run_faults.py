"""What a run makes of a backend that goes down, comes back, or breaks on some of the tasks."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from apps.jobs.models import JobStatus
from apps.ml import calling
from apps.ml.models import BackendFailure, PredictionRun, TaskFailure
from apps.ml.predicting import insisting
from apps.ml.predicting.runs import resume_run, start_run
from tests.factories import make_project
from tests.ml.fake_backend import Behaviour, Exchange, FakeBackend, positive
from tests.ml.predicting import EVERY_TASK, asked_ids, carried_out, ids_of, predicted, predicted_ids, quiet

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Insist as often as in use, with hardly a pause."""
    monkeypatch.setattr(insisting, "PAUSES", (0.01,) * len(insisting.PAUSES))
    monkeypatch.setattr(calling, "FIRST_PAUSE_SECONDS", 0)


def well(exchange: Exchange) -> None:
    """Answer as the backend does."""
    tasks = exchange.request.document["tasks"]
    exchange.reply({"results": [positive(task) for task in tasks], "model_version": "v1"})


def broken_by(*task_ids: int) -> Behaviour:
    """Fail on every batch with one of these tasks in it."""

    def behave(exchange: Exchange) -> None:
        asked = {task["id"] for task in exchange.request.document["tasks"]}
        if asked & set(task_ids):
            exchange.reply({"detail": "CUDA out of memory"}, 500)
        else:
            well(exchange)

    return behave


def fails_first(times: int, then: Behaviour = well) -> Behaviour:
    """Fail so many times, and be well then."""
    failures = iter(range(times))

    def behave(exchange: Exchange) -> None:
        if next(failures, None) is None:
            then(exchange)
        else:
            exchange.send(b"", status=503)

    return behave


def test_a_backend_that_fails_for_a_moment_is_asked_again(fake: FakeBackend) -> None:
    project = make_project(tasks=6)
    fake.behaves("/predict", fails_first(1))

    run, job = predicted(quiet(project, fake, batch_size=2, concurrency=1))

    assert (job.status, run.predicted, run.failed) == (JobStatus.COMPLETED, 6, 0)
    assert predicted_ids(project) == ids_of(project)


def test_a_task_that_breaks_the_backend_fails_alone(fake: FakeBackend) -> None:
    project = make_project(tasks=16)
    ids = ids_of(project)
    fake.behaves("/predict", broken_by(ids[0], ids[9]))

    run, job = predicted(quiet(project, fake, batch_size=16))

    assert (job.status, run.predicted, run.failed) == (JobStatus.COMPLETED, 14, 2)
    assert predicted_ids(project) == sorted({*ids} - {ids[0], ids[9]})
    failures = TaskFailure.objects.filter(run=run).order_by("task_id")
    assert [failure.task_id for failure in failures] == [ids[0], ids[9]]
    assert all("CUDA out of memory" in failure.message for failure in failures)


@pytest.mark.parametrize(
    ("behave", "told"),
    [
        pytest.param(lambda fake: fake.answers("/predict", {"detail": "no GPU"}, 500), "no GPU", id="500"),
        pytest.param(lambda fake: fake.answers_html("/predict"), "a page of HTML", id="html"),
        pytest.param(lambda fake: fake.answers("/predict", {"results": []}), "results has 0", id="count"),
        pytest.param(lambda fake: fake.dies_mid_answer("/predict"), "backend's log", id="dies"),
        pytest.param(lambda fake: fake.answers("/predict", [1]), "no JSON object", id="list"),
    ],
)
def test_a_backend_that_fails_on_everything_ends_the_run_with_cause_and_remedy(
    fake: FakeBackend, behave: Any, told: str
) -> None:
    project = make_project(tasks=20)
    behave(fake)

    run, job = predicted(quiet(project, fake, batch_size=4))

    assert job.status == JobStatus.FAILED
    assert told in job.error
    assert "0 predictions are stored; go on with the run when the backend is well again." in job.error
    assert predicted_ids(project) == []
    assert run.predicted == 0
    assert BackendFailure.objects.filter(backend=run.backend, call="predict").exists()


def test_wrong_credentials_end_the_run_at_once(fake: FakeBackend) -> None:
    project = make_project(tasks=4)
    backend = quiet(project, fake, batch_size=2, concurrency=1)
    fake.credentials = "somebody:else"

    _, job = predicted(backend)

    assert job.status == JobStatus.FAILED
    assert "refuses the credentials" in job.error
    assert "Enter the user name and password" in job.error


def test_what_was_done_stays_when_the_backend_goes_down_and_the_run_goes_on_behind_it(
    fake: FakeBackend,
) -> None:
    project = make_project(tasks=12)
    ids = ids_of(project)
    is_down = threading.Event()

    def goes_down(exchange: Exchange) -> None:
        if exchange.request.document["tasks"][-1]["id"] >= ids[6]:
            is_down.set()
        if is_down.is_set():
            exchange.send(b"", status=502)
        else:
            well(exchange)

    fake.behaves("/predict", goes_down)
    run = start_run(backend=quiet(project, fake, batch_size=2, concurrency=1), chosen=EVERY_TASK)

    job = carried_out(run)

    assert job.status == JobStatus.FAILED
    assert "6 predictions are stored" in job.error
    assert predicted_ids(project) == ids[:6]
    assert (run.predicted, run.reached_task_id) == (6, ids[5])

    fake.is_well()
    fake.requests.clear()
    resume_run(run=PredictionRun.objects.select_related("job").get(pk=run.pk))
    assert carried_out(run).status == JobStatus.COMPLETED
    assert asked_ids(fake) == ids[6:]
    assert (run.predicted, run.failed) == (12, 0)


def test_a_backend_that_nobody_reaches_ends_the_run(fake: FakeBackend) -> None:
    project = make_project(tasks=2)
    backend = quiet(project, fake)
    backend.url = "http://127.0.0.1:9"
    backend.save()

    _, job = predicted(backend)

    assert job.status == JobStatus.FAILED
    assert "Start the backend" in job.error or "asked again at" in job.error
    assert predicted_ids(project) == []


def test_with_one_task_a_request_a_broken_backend_costs_no_task_its_turn(fake: FakeBackend) -> None:
    project = make_project(tasks=30)
    ids = ids_of(project)
    fake.behaves("/predict", broken_by(*ids[3:]))

    run, job = predicted(quiet(project, fake, batch_size=1, concurrency=1))

    assert job.status == JobStatus.FAILED
    assert (run.predicted, run.failed, run.reached_task_id) == (3, 0, ids[2])
    assert TaskFailure.objects.count() == 0
