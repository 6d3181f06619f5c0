"""Predictions asked of a backend for many tasks."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from apps.core.errors import ValidationFailed
from apps.jobs.models import Job, JobStatus
from apps.jobs.runner import run as run_job
from apps.ml.models import PredictionRun, TaskFailure
from apps.ml.predicting import keeping, running
from apps.ml.predicting.choosing import Chosen, Which, of_ids
from apps.ml.predicting.runs import cancel_run, resume_run, retry_failed, start_run
from apps.predictions.models import Prediction
from apps.predictions.services import save_prediction
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.tasks.models import Task
from apps.tasks.services import delete_batch
from tests.factories import choice, make_completion, make_project, owner_of
from tests.ml.fake_backend import Exchange, FakeBackend, positive
from tests.ml.predicting import EVERY_TASK, asked_ids, carried_out, ids_of, predicted, predicted_ids, quiet

pytestmark = pytest.mark.django_db(transaction=True)


def unusable(task: dict[str, Any]) -> dict[str, Any]:
    """Answer with a label that the config has not."""
    answer = positive(task)
    answer["result"][0]["value"] = {"choices": ["Furious"]}
    return answer


def test_every_task_gets_its_prediction_score_and_version(fake: FakeBackend) -> None:
    project = make_project(tasks=25)
    backend = quiet(project, fake, batch_size=10)

    run, job = predicted(backend)

    assert (job.status, job.progress, job.total) == (JobStatus.COMPLETED, 25, 25)
    assert job.result == {"run": run.pk, "predicted": 25, "failed": 0, "model_version": "v1"}
    assert (run.predicted, run.failed, run.total, run.model_version) == (25, 0, 25, "v1")
    assert predicted_ids(project) == ids_of(project)
    assert totals_of([project.pk])[project.pk].predictions == 25
    for task in Task.objects.filter(project=project):
        assert task.prediction_score == pytest.approx(1 / (1 + task.pk))
    assert sorted(len(request.document["tasks"]) for request in fake.requests_to("/predict")) == [5, 10, 10]


def test_a_run_can_have_batches_of_its_own_size(fake: FakeBackend) -> None:
    project = make_project(tasks=4)

    predicted(quiet(project, fake), batch_size=2)

    assert [len(request.document["tasks"]) for request in fake.requests_to("/predict")] == [2, 2]


def test_tasks_of_other_projects_are_left_alone(fake: FakeBackend) -> None:
    project, other = make_project(tasks=2), make_project(tasks=2)

    predicted(quiet(project, fake), of_ids([*ids_of(project), *ids_of(other)]))

    assert sorted(asked_ids(fake)) == ids_of(project)
    assert predicted_ids(other) == []


def test_tasks_that_come_after_the_start_are_left_for_the_next_run(fake: FakeBackend) -> None:
    project = make_project(tasks=2)
    run = start_run(backend=quiet(project, fake), chosen=EVERY_TASK)
    before = ids_of(project)
    Task.objects.create(project=project, inner_id=99, data={"text": "late"})

    carried_out(run)

    assert predicted_ids(project) == before


@pytest.mark.parametrize("which", [Which.WITHOUT_VERSION, Which.WAITING], ids=str)
def test_tasks_with_a_prediction_of_the_version_can_be_left_out(fake: FakeBackend, which: Which) -> None:
    project = make_project(tasks=3)
    first, second, third = ids_of(project)
    save_prediction(task_id=first, result=choice(), model_version="v1")
    save_prediction(task_id=second, result=choice(), model_version="v0")

    _, job = predicted(quiet(project, fake), Chosen(which, version="v1"))

    assert sorted(asked_ids(fake)) == [second, third]
    assert job.total == 2


@pytest.mark.parametrize("which", [Which.UNLABELED, Which.WAITING], ids=str)
def test_labeled_tasks_can_be_left_out(fake: FakeBackend, which: Which) -> None:
    project = make_project(tasks=3)
    labeled, *rest = Task.objects.filter(project=project).order_by("pk")
    make_completion(labeled, owner_of(project))

    predicted(quiet(project, fake), Chosen(which, version="v1"))

    assert sorted(asked_ids(fake)) == [task.pk for task in rest]


def test_tasks_that_wait_come_in_the_order_of_the_queue(fake: FakeBackend) -> None:
    project = make_project(tasks=4, sampling="prediction-score-min", model_version="v0")
    ids = ids_of(project)
    for task_id, score in zip(ids, (0.9, 0.1, None, 0.5), strict=True):
        save_prediction(task_id=task_id, result=choice(), score=score, model_version="v0")

    predicted(quiet(project, fake, batch_size=1, concurrency=1), Chosen(Which.WAITING, version="v1"))

    assert asked_ids(fake) == [ids[1], ids[3], ids[0], ids[2]]


def test_the_same_tasks_are_asked_for_once_at_a_time(fake: FakeBackend) -> None:
    project = make_project(tasks=2)
    backend = quiet(project, fake)
    first = start_run(backend=backend, chosen=EVERY_TASK)

    assert start_run(backend=backend, chosen=EVERY_TASK) == first
    assert start_run(backend=backend, chosen=Chosen(Which.UNLABELED)) != first

    carried_out(first)
    assert start_run(backend=backend, chosen=EVERY_TASK) != first
    assert PredictionRun.objects.count() == Job.objects.filter(kind="predict").count() == 3


def test_as_many_requests_are_in_flight_as_the_backend_takes(fake: FakeBackend) -> None:
    project = make_project(tasks=24)
    together = threading.Barrier(4, timeout=30)

    def answer_four_at_once(exchange: Exchange) -> None:
        together.wait()
        results = [positive(task) for task in exchange.request.document["tasks"]]
        exchange.reply({"results": results, "model_version": "v1"})

    fake.behaves("/predict", answer_four_at_once)

    _, job = predicted(quiet(project, fake, batch_size=2, concurrency=4))

    # A barrier of four lets nobody through before four have come: each of the three rounds had all slots busy.
    assert job.status == JobStatus.COMPLETED
    assert fake.most_calls_at_once == 4


def test_an_answer_that_cannot_be_stored_is_kept_with_its_task_and_the_others_are_stored(
    fake: FakeBackend,
) -> None:
    project = make_project(tasks=3)
    first, second, third = ids_of(project)
    fake.predict = lambda task: unusable(task) if task["id"] == second else positive(task)

    run, job = predicted(quiet(project, fake))

    assert job.status == JobStatus.COMPLETED
    assert (run.predicted, run.failed) == (2, 1)
    assert predicted_ids(project) == [first, third]
    failure = TaskFailure.objects.get(run=run)
    assert failure.task_id == second
    assert "Furious" in failure.message


def test_only_what_failed_is_asked_for_again(fake: FakeBackend) -> None:
    project = make_project(tasks=3)
    second = ids_of(project)[1]
    fake.predict = lambda task: unusable(task) if task["id"] == second else positive(task)
    backend = quiet(project, fake)
    run, _ = predicted(backend)
    fake.requests.clear()
    fake.predict = positive

    again = retry_failed(run=run)
    carried_out(again)

    assert asked_ids(fake) == [second]
    assert (again.predicted, again.failed, again.total) == (1, 0, 1)
    assert predicted_ids(project) == ids_of(project)


def test_a_run_without_failures_has_nothing_to_ask_for_again(fake: FakeBackend) -> None:
    run, _ = predicted(quiet(make_project(tasks=1), fake))

    with pytest.raises(ValidationFailed, match="nothing to ask for again"):
        retry_failed(run=PredictionRun.objects.select_related("job", "backend").get(pk=run.pk))

    assert PredictionRun.objects.count() == 1


def test_a_backend_that_is_wrong_about_everything_is_not_asked_to_the_end(
    fake: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "FAILED_AT_FIRST", 4)
    project = make_project(tasks=60)
    fake.predict = unusable

    run, job = predicted(quiet(project, fake, batch_size=2, concurrency=1))

    assert job.status == JobStatus.FAILED
    assert "None of 4 tasks got a prediction" in job.error
    assert "Furious" in job.error
    assert run.failed == 4
    assert len(asked_ids(fake)) < 60


def test_tasks_deleted_meanwhile_are_passed_over(fake: FakeBackend) -> None:
    project = make_project(tasks=4)
    ids = ids_of(project)

    def delete_and_answer(exchange: Exchange) -> None:
        tasks = exchange.request.document["tasks"]
        delete_batch(project_id=project.pk, task_ids=[tasks[0]["id"]])
        connection.close()
        exchange.reply({"results": [positive(task) for task in tasks], "model_version": "v1"})

    fake.behaves("/predict", delete_and_answer)

    run, job = predicted(quiet(project, fake, batch_size=2, concurrency=1))

    assert job.status == JobStatus.COMPLETED
    assert predicted_ids(project) == [ids[1], ids[3]]
    assert (run.predicted, run.failed) == (2, 0)
    assert totals_of([project.pk])[project.pk].predictions == 2


def test_a_cancelled_run_keeps_what_it_has_and_goes_on_from_there(fake: FakeBackend) -> None:
    project = make_project(tasks=40)
    ids = ids_of(project)
    run = start_run(backend=quiet(project, fake, batch_size=1, concurrency=1), chosen=EVERY_TASK)
    gate = threading.Event()

    def cancel_at_the_third(exchange: Exchange) -> None:
        (task,) = exchange.request.document["tasks"]
        if task["id"] == ids[2]:
            cancel_run(run=run)
            connection.close()
        exchange.reply({"results": [positive(task)], "model_version": "v1"})

    # The run learns of it with its next heart-beat: until then it waits for an answer that does not come.
    fake.behaves("/predict", gated(cancel_at_the_third, ids[4], gate))

    job = carried_out(run)

    assert (job.status, run.predicted) == (JobStatus.CANCELLED, 4)
    assert predicted_ids(project) == ids[:4]

    gate.set()
    fake.is_well()
    fake.requests.clear()
    resume_run(run=PredictionRun.objects.select_related("job").get(pk=run.pk))
    assert carried_out(run).status == JobStatus.COMPLETED
    assert set(asked_ids(fake)) >= set(ids[4:])
    assert set(asked_ids(fake)).isdisjoint(ids[:4])
    assert (run.predicted, run.total) == (40, 40)


def gated(behaviour: Any, task_id: int, gate: threading.Event) -> Any:
    """Answer requests for one task only when the gate is open."""

    def answer(exchange: Exchange) -> None:
        if exchange.request.document["tasks"][0]["id"] == task_id:
            gate.wait(30)
        behaviour(exchange)

    return answer


def test_a_queued_run_is_cancelled_at_once(fake: FakeBackend) -> None:
    project = make_project(tasks=2)
    run = start_run(backend=quiet(project, fake), chosen=EVERY_TASK)

    cancel_run(run=run, cancelled_by=owner_of(project))

    assert carried_out(run).status == JobStatus.CANCELLED
    assert asked_ids(fake) == []


def test_a_worker_that_was_taken_for_dead_stores_nothing_any_more(fake: FakeBackend) -> None:
    project = make_project(tasks=2)
    run, _ = predicted(quiet(project, fake))
    late = PredictionRun.objects.get(pk=run.pk)
    late.predicted, late.reached_task_id = 0, 0
    Prediction.objects.all().delete()

    with pytest.raises(keeping.RunTakenOver):
        keeping.keep_answers(late, [ids_of(project)[0]], [])

    assert Prediction.objects.count() == 0


def test_a_run_whose_backend_was_removed_says_so(fake: FakeBackend) -> None:
    project = make_project(tasks=2)
    backend = quiet(project, fake)
    run = start_run(backend=backend, chosen=EVERY_TASK)
    assert run.job is not None
    backend.delete()

    run_job(job_id=run.job.pk, worker="here")

    job = Job.objects.get(pk=run.job.pk)
    assert (job.status, job.error) == (JobStatus.FAILED, "The ML backend of this run was removed.")


def test_two_runs_at_the_same_time_count_every_prediction_once(fake: FakeBackend) -> None:
    project = make_project(tasks=60)
    backend = quiet(project, fake, batch_size=7)
    both = [start_run(backend=backend, chosen=Chosen(which)) for which in (Which.ALL, Which.UNLABELED)]
    threads = [threading.Thread(target=_carry_out_apart, args=[run]) for run in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [PredictionRun.objects.get(pk=run.pk).predicted for run in both] == [60, 60]
    assert Prediction.objects.filter(project=project).count() == 60
    assert totals_of([project.pk])[project.pk].predictions == 60


def _carry_out_apart(run: PredictionRun) -> None:
    carried_out(run)
    connection.close()


def test_a_batch_costs_a_fixed_number_of_statements(
    fake: FakeBackend, django_assert_max_num_queries: Any
) -> None:
    project: Project = make_project(tasks=200)
    run = start_run(backend=quiet(project, fake, batch_size=200, concurrency=1), chosen=EVERY_TASK)

    with django_assert_max_num_queries(45):  # claiming and ending the job, setting up, one batch
        carried_out(run)

    assert run.predicted == 200
