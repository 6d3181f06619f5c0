"""A model that predicts tasks when they are opened: the editor stands there first, the prediction comes then."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from pytest_django.fixtures import Settings

from apps.completions.models import Completion
from apps.predictions.models import Prediction
from tests.cast import Cast
from tests.e2e.conftest import Watched
from tests.e2e.test_labeling import editor
from tests.factories import choice, make_project
from tests.ml.fake_backend import FakeBackend, fake_backend
from tests.ml.predicting import quiet


@pytest.fixture
def model(settings: Settings) -> Iterator[FakeBackend]:
    """A backend that finds every text positive."""
    settings.ML_ALLOW_LOOPBACK = True
    with fake_backend() as fake:
        yield fake


def test_the_prediction_of_an_opened_task_comes_and_is_submitted(
    watched: Callable[..., Watched], players: Cast, model: FakeBackend
) -> None:
    project = make_project(players.owner, tasks=1)
    quiet(project, model, predict_on_open=True, open_seconds=20)
    page = watched(players.owner).page

    page.goto(f"/projects/{project.pk}/label")
    expect(editor(page).get_by_role("checkbox", name="Positive")).to_be_checked()
    editor(page).get_by_label("submit", exact=True).click()
    expect(page.get_by_text("No task for you now")).to_be_visible()

    completion = Completion.objects.get(project=project)
    assert completion.result[0]["value"] == choice()[0]["value"]
    assert completion.parent_prediction == Prediction.objects.get(project=project).pk
