"""Prediction runs over REST, and from the data manager."""

from __future__ import annotations

from typing import Any

import pytest

from apps.jobs.models import JobStatus
from apps.ml.models import PredictionRun, TaskFailure
from apps.ml.predicting.choosing import read_chosen
from apps.tasks.models import Task
from tests.cast import Cast
from tests.data_manager.test_actions import act, only
from tests.factories import make_project
from tests.ml.backends import make_backend
from tests.ml.fake_backend import FakeBackend
from tests.ml.predicting import asked_ids, carried_out, failed_run, ids_of, predicted_ids, quiet


@pytest.mark.django_db(transaction=True)
def test_a_run_is_started_followed_and_done_over_rest(cast: Cast, api: Any, fake: FakeBackend) -> None:
    client, backend = api(cast.manager), quiet(cast.project, fake)

    started = client.post(f"/api/ml/{backend.pk}/predict?batch_size=2").json()

    assert (started["status"], started["ml_backend"], started["trigger"]) == ("queued", backend.pk, "person")
    carried_out(PredictionRun.objects.select_related("job").get(pk=started["id"]))
    done = client.get(f"/api/ml/runs/{started['id']}/").json()
    assert (done["status"], done["predicted"], done["failed"], done["total"]) == ("completed", 3, 0, 3)
    assert [len(request.document["tasks"]) for request in fake.requests_to("/predict")] == [2, 1]
    assert [run["id"] for run in client.get(f"/api/ml/{backend.pk}/runs").json()] == [started["id"]]
    assert client.get(f"/api/projects/{cast.project.pk}/model-versions/").json() == {"v1": 3}


@pytest.mark.parametrize(
    "body",
    [
        {"tasks": "some"}, {"task_ids": []}, {"task_ids": ["x"]}, {"task_ids": "all"}, {"batch_size": 0},
        {"batch_size": 5_000}, [1, 2], {"task_ids": [2**70]},
    ],
    ids=str,
)  # fmt: skip
def test_a_run_of_nonsense_is_refused(cast: Cast, api: Any, body: Any) -> None:
    backend = make_backend(cast.project)

    response = api(cast.manager).post(f"/api/ml/{backend.pk}/predict", body, format="json")

    assert response.status_code == 400, response.content
    assert PredictionRun.objects.count() == 0


def test_the_failures_of_a_run_are_read_page_by_page_and_asked_for_again(cast: Cast, api: Any) -> None:
    client, (first, *_) = api(cast.manager), ids_of(cast.project)
    run = failed_run(make_backend(cast.project), first)

    page = client.get(f"/api/ml/runs/{run.pk}/failures/").json()
    again = client.post(f"/api/ml/runs/{run.pk}/retry-failed/").json()

    assert page["results"] == [{"task": first, "message": "No answer."}]
    assert (again["status"], again["id"]) != ("failed", run.pk)
    assert TaskFailure.objects.filter(run=run).count() == 1


def test_a_run_that_is_over_cannot_be_cancelled_and_one_under_way_not_resumed(cast: Cast, api: Any) -> None:
    client, backend = api(cast.manager), make_backend(cast.project)
    over = failed_run(backend, ids_of(cast.project)[0])
    under_way = client.post(f"/api/ml/{backend.pk}/predict").json()["id"]

    assert client.post(f"/api/ml/runs/{over.pk}/cancel").status_code == 400
    assert client.post(f"/api/ml/runs/{under_way}/resume").status_code == 400
    assert client.post(f"/api/ml/runs/{under_way}/cancel").json()["status"] == JobStatus.CANCELLED


def test_a_list_of_runs_costs_the_same_however_long_it_is(
    cast: Cast, api: Any, django_assert_max_num_queries: Any
) -> None:
    client, backend = api(cast.manager), make_backend(cast.project)
    for task_id in ids_of(cast.project):
        failed_run(backend, task_id)

    with django_assert_max_num_queries(6):
        runs = client.get(f"/api/ml/{backend.pk}/runs").json()

    assert [run["error"] for run in runs] == ["It is down."] * 3


def test_versions_are_listed_deleted_and_compared_over_rest(cast: Cast, api: Any) -> None:
    client, address = api(cast.manager), f"/api/projects/{cast.project.pk}/model-versions"
    task_id = ids_of(cast.project)[0]
    for version in ("v1", "v2"):
        client.post(
            "/api/predictions", {"task": task_id, "result": [], "model_version": version}, format="json"
        )

    assert client.get(address).json() == {"v1": 1, "v2": 1}
    assert [row["model_version"] for row in client.get(f"{address}?extended=true").json()] == ["v1", "v2"]
    assert client.get(f"{address}/compare?one=v1&other=v2").json()["tasks"] == 1
    assert client.get(f"{address}/compare?one=v1").status_code == 400
    gone = client.delete(address, {"model_version": "v1"}, format="json").json()
    assert gone == {"deleted_predictions": 1, "job": None}
    assert client.get(address).json() == {"v2": 1}


@pytest.mark.django_db(transaction=True)
def test_the_data_manager_asks_for_predictions_of_the_selected_tasks(
    cast: Cast, api: Any, fake: FakeBackend
) -> None:
    quiet(cast.project, fake)
    first, _, third = Task.objects.order_by("pk")

    body = act(api(cast.manager), cast.project, "retrieve_tasks_predictions", only(first, third))

    assert body["processed_items"] == 2
    carried_out(PredictionRun.objects.select_related("job").get())
    assert sorted(asked_ids(fake)) == predicted_ids(cast.project) == [first.pk, third.pk]


def test_the_backend_can_be_chosen_and_must_be_of_the_project(cast: Cast, api: Any) -> None:
    client = api(cast.manager)
    make_backend(cast.project)
    second = make_backend(cast.project, "https://other.example.com")
    foreign = make_backend(make_project(), "https://foreign.example.com")

    act(client, cast.project, "retrieve_tasks_predictions", backend=second.pk)
    act(client, cast.project, "retrieve_tasks_predictions", code=400, backend=foreign.pk)

    run = PredictionRun.objects.get()
    assert (run.backend, read_chosen(run.chosen).which) == (second, "all")


def test_without_a_backend_the_action_says_what_to_do(cast: Cast, api: Any) -> None:
    answer = act(api(cast.manager), cast.project, "retrieve_tasks_predictions", code=400)

    assert "Connect one first" in answer["detail"]
