"""While somebody draws, the model answers with regions; when it does not, labeling goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.ml.interactive import NOT_INTERACTIVE, interactive_backend
from apps.ml.models import MLBackend
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import make_project
from tests.ml.backends import connected, make_backend
from tests.ml.fake_backend import FakeBackend

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
DRAWN = {
    "result": [{"id": "r1", "from_name": "sentiment", "to_name": "text", "type": "choices", "value": {}}]
}


def ask(api: Api, cast: Cast, backend: MLBackend, **body: Any) -> Any:
    """Ask as the annotator; the task is the first one."""
    task = Task.objects.filter(project=cast.project).order_by("pk")[0]
    return api(cast.annotator).post(
        f"/api/ml/{backend.pk}/interactive-annotating",
        {"task": task.pk, "context": DRAWN, **body},
        format="json",
    )


def test_the_model_answers_with_regions_and_saw_what_was_drawn(api: Api, cast: Cast, fake: FakeBackend):
    backend = connected(cast.project, fake, is_interactive=True)

    response = ask(api, cast, backend)

    assert response.status_code == 200
    data = response.json()["data"]
    assert set(data) == {"model_version", "score", "result"}
    assert data["model_version"] == "v1"
    assert data["result"][0]["value"] == {"choices": ["Positive"]}
    (request,) = fake.requests_to("/predict")
    assert request.document["params"]["context"] == DRAWN
    assert request.document["tasks"][0]["drafts"] == []


def test_a_backend_that_is_not_interactive_says_so(api: Api, cast: Cast, fake: FakeBackend):
    response = ask(api, cast, connected(cast.project, fake))
    assert (response.status_code, response.json()) == (200, {"errors": [NOT_INTERACTIVE]})
    assert fake.requests == []


def test_a_backend_that_fails_is_told_of_and_no_error_of_the_request(api: Api, cast: Cast, fake: FakeBackend):
    fake.answers("/predict", {"detail": "CUDA out of memory"}, 500)
    response = ask(api, cast, connected(cast.project, fake, is_interactive=True))
    assert response.status_code == 200
    assert "CUDA out of memory" in response.json()["errors"][0]


def test_a_dead_backend_is_waited_for_no_longer_than_it_may_take(api: Api, cast: Cast, fake: FakeBackend):
    fake.is_silent("/predict")
    backend = connected(cast.project, fake, is_interactive=True, predict_seconds=0.2)
    assert "within 0.2 seconds" in ask(api, cast, backend).json()["errors"][0]


def test_an_answer_that_does_not_fit_the_config_is_told_of(api: Api, cast: Cast, fake: FakeBackend):
    fake.answers("/predict", {"results": [{"result": "no list"}]})
    response = ask(api, cast, connected(cast.project, fake, is_interactive=True))
    assert "results[0]" in response.json()["errors"][0]


def test_a_task_of_another_project_is_refused(api: Api, cast: Cast, fake: FakeBackend):
    other = Task.objects.get(project=make_project(cast.owner, tasks=1))
    backend = connected(cast.project, fake, is_interactive=True)
    response = api(cast.owner).post(
        f"/api/ml/{backend.pk}/interactive-annotating", {"task": other.pk}, format="json"
    )
    assert response.status_code == 400
    assert fake.requests == []


@pytest.mark.parametrize("body", [{"task": "x"}, {"task": None}, {"context": 5}])
def test_bad_input_is_refused(api: Api, cast: Cast, fake: FakeBackend, body: dict[str, Any]):
    response = ask(api, cast, connected(cast.project, fake, is_interactive=True), **body)
    assert response.status_code == 400
    assert fake.requests == []


def test_the_label_page_asks_the_first_interactive_backend(cast: Cast):
    make_backend(cast.project, "https://a.example.com")
    assert interactive_backend(cast.project.pk) is None
    first = make_backend(cast.project, "https://b.example.com", is_interactive=True)
    make_backend(cast.project, "https://c.example.com", is_interactive=True)
    assert interactive_backend(cast.project.pk) == first.pk
