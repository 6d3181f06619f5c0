"""The prediction for a task that somebody opens."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from apps.ml.models import BackendFailure
from apps.predictions.models import Prediction
from apps.predictions.services import save_prediction
from apps.projects.models import Project
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import choice
from tests.ml.fake_backend import Exchange, FakeBackend, fake_backend, positive
from tests.ml.predicting import asked_ids, quiet

ASKING = {"predict_on_open": True, "open_seconds": 20}


def opened(api: Any, person: Any, task: Task, code: int = 200) -> Any:
    response = api(person).post(f"/api/tasks/{task.pk}/predictions/")
    assert response.status_code == code, response.content
    return response.json()


@pytest.fixture
def task(cast: Cast) -> Task:
    return Task.objects.earliest("pk")


def test_an_opened_task_gets_its_prediction(cast: Cast, api: Any, task: Task, fake: FakeBackend) -> None:
    quiet(cast.project, fake, **ASKING)

    (prediction,) = opened(api, cast.reviewer, task)

    assert (prediction["model_version"], prediction["task"]) == ("v1", task.pk)
    assert Prediction.objects.get().score == Task.objects.get(pk=task.pk).prediction_score


def test_a_task_that_the_version_has_predicted_is_not_asked_for_again(
    cast: Cast, api: Any, task: Task, fake: FakeBackend
) -> None:
    quiet(cast.project, fake, **ASKING)
    save_prediction(task_id=task.pk, result=choice("Negative"), model_version="v1")

    (prediction,) = opened(api, cast.reviewer, task)

    assert prediction["result"] == choice("Negative")
    assert asked_ids(fake) == []


def test_a_backend_that_is_not_set_up_that_way_is_left_in_peace(
    cast: Cast, api: Any, task: Task, fake: FakeBackend
) -> None:
    quiet(cast.project, fake)

    assert opened(api, cast.reviewer, task) == []
    assert asked_ids(fake) == []


def test_a_backend_that_does_not_answer_in_time_keeps_nobody_from_labeling(
    cast: Cast, api: Any, task: Task, fake: FakeBackend
) -> None:
    backend = quiet(cast.project, fake, predict_on_open=True, open_seconds=0.3)
    fake.is_silent("/predict")

    assert opened(api, cast.reviewer, task) == []

    assert "did not answer within 0.3 seconds" in BackendFailure.objects.get(backend=backend).message
    assert Prediction.objects.count() == 0


def test_an_answer_that_cannot_be_stored_shows_nothing(
    cast: Cast, api: Any, task: Task, fake: FakeBackend
) -> None:
    quiet(cast.project, fake, **ASKING)
    fake.predict = lambda _task: {"result": [], "score": float("nan")}

    assert opened(api, cast.reviewer, task) == []
    assert Prediction.objects.count() == 0


def test_only_the_version_that_the_project_shows_is_returned(
    cast: Cast, api: Any, task: Task, fake: FakeBackend
) -> None:
    quiet(cast.project, fake, **ASKING)
    Project.objects.filter(pk=cast.project.pk).update(model_version="other")

    assert opened(api, cast.reviewer, task) == []
    assert Prediction.objects.get().model_version == "v1"


def test_a_project_that_hides_predictions_asks_for_none(
    cast: Cast, api: Any, task: Task, fake: FakeBackend
) -> None:
    quiet(cast.project, fake, **ASKING)
    Project.objects.filter(pk=cast.project.pk).update(show_predictions=False)

    assert opened(api, cast.reviewer, task) == []
    assert asked_ids(fake) == []


def test_several_backends_are_asked_side_by_side(cast: Cast, api: Any, task: Task, fake: FakeBackend) -> None:
    both_are_asked = threading.Barrier(2, timeout=20)

    def answer(exchange: Exchange) -> None:
        both_are_asked.wait()
        version = exchange.backend.model_version
        exchange.reply({"results": [positive({"id": task.pk})], "model_version": version})

    with fake_backend(model_version="other") as other:
        for backend in (fake, other):
            backend.behaves("/predict", answer)
            quiet(cast.project, backend, predict_on_open=True, open_seconds=20)
        shown = opened(api, cast.reviewer, task)

    assert sorted(one["model_version"] for one in shown) == ["other", "v1"]


def test_a_backend_that_fails_takes_nothing_from_the_others(
    cast: Cast, api: Any, task: Task, fake: FakeBackend
) -> None:
    with fake_backend() as broken, fake_backend() as down:
        broken.answers("/predict", {"detail": "CUDA out of memory"}, 500)
        down.stop()
        for backend in (broken, down, fake):
            quiet(cast.project, backend, predict_on_open=True, open_seconds=20)
        shown = opened(api, cast.reviewer, task)

    assert [one["model_version"] for one in shown] == ["v1"]
    assert sorted(BackendFailure.objects.values_list("backend__failures_in_row", flat=True)) == [1, 1]
