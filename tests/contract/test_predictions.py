"""Predictions over REST."""

from __future__ import annotations

import pytest

from apps.predictions.models import Prediction
from apps.tasks.models import Task
from tests.factories import choice


@pytest.fixture
def task(cast):
    return Task.objects.order_by("pk").first()


def test_a_prediction_is_stored_and_counted(cast, api, task):
    client = api(cast.manager)
    body = {"task": task.pk, "result": choice(), "score": 0.75, "model_version": "v1"}
    created = client.post("/api/predictions", body)
    assert created.status_code == 201
    assert client.get(f"/api/predictions/?task={task.pk}").json() == [created.json()]
    task.refresh_from_db()
    assert (task.predictions_count, task.prediction_score) == (1, 0.75)


def test_a_version_that_answers_again_replaces_its_answer(cast, api, task):
    client = api(cast.manager)
    first = client.post(
        "/api/predictions", {"task": task.pk, "result": [], "score": 0.1, "model_version": "v1"}
    )
    again = client.post(
        "/api/predictions", {"task": task.pk, "result": [], "score": 0.9, "model_version": "v1"}
    )
    assert first.json()["id"] == again.json()["id"]
    assert Prediction.objects.get().score == 0.9
    assert api(cast.manager).get(f"/api/projects/{cast.project.pk}").json()["total_predictions_number"] == 1


def test_the_queue_is_ordered_by_the_score_of_the_projects_model_version(cast, api, task):
    client = api(cast.manager)
    for version, score in (("v1", 0.2), ("v2", 0.8)):
        client.post(
            "/api/predictions", {"task": task.pk, "result": [], "score": score, "model_version": version}
        )
    task.refresh_from_db()
    assert task.prediction_score == pytest.approx(0.5)
    client.patch(f"/api/projects/{cast.project.pk}", {"model_version": "v2"})
    client.patch(f"/api/predictions/{Prediction.objects.get(model_version='v2').pk}", {"score": 0.7})
    task.refresh_from_db()
    assert task.prediction_score == pytest.approx(0.7)


def test_deleting_a_prediction_brings_the_counters_back(cast, api, task):
    client = api(cast.manager)
    created = client.post("/api/predictions", {"task": task.pk, "result": [], "score": 0.5}).json()
    assert client.delete(f"/api/predictions/{created['id']}").status_code == 204
    task.refresh_from_db()
    assert (task.predictions_count, task.prediction_score) == (0, None)


@pytest.mark.parametrize(
    "change",
    [
        {"result": "x"},
        {"score": "high"},
        {"score": 1e999},
        {"task": 10**12},
        {"task": "one"},
        {"cluster": 2**40},
    ],
)
def test_a_prediction_that_is_none_is_refused(cast, api, task, change):
    body = {"task": task.pk, "result": [], **change}
    if change.get("score") == 1e999:
        response = api(cast.manager).post(
            "/api/predictions", b'{"task": 1, "score": 1e999}', content_type="application/json"
        )
    else:
        response = api(cast.manager).post("/api/predictions", body)
    assert response.status_code in (400, 404)
    assert not Prediction.objects.exists()
