"""A model in the loop, as a manager sees it: connect, train, accept its prediction, train again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.models import GlobalRole, User
from apps.accounts.services import create_api_token
from apps.completions.models import Completion
from apps.ml.models import ModelVersion, Training, TrainingStatus
from apps.predictions.models import Prediction
from apps.projects.models import Project
from apps.tasks.models import Task
from label_studio_ml.testing import Backend, served
from tests.e2e.conftest import Watched
from tests.e2e.test_labeling import editor, shown_text
from tests.factories import choice, make_completion, make_project, make_tasks, make_user
from tests.jobs.conftest import WorkerProcess, wait_until

OpenWatched = Callable[..., Watched]
EXAMPLE = Path(__file__).parents[2] / "label_studio_ml" / "examples" / "text_classifier"
GOOD = ("wonderful sunny kind", "lovely kind warm", "sunny lovely bright", "warm wonderful bright")
BAD = ("awful rainy rude", "nasty rude cold", "rainy nasty dark", "cold awful dark")
PATIENCE = 90_000


@pytest.fixture
def owner(transactional_db: None) -> User:
    """Somebody who may create projects."""
    return make_user("owner@example.com", role=GlobalRole.MANAGER)


@pytest.fixture
def project(owner: User) -> Project:
    """Eight letters, of which all but the last two of each mood are labeled."""
    project = make_project(owner)
    tasks = make_tasks(project, [{"text": text} for pair in zip(GOOD, BAD, strict=True) for text in pair])
    for place, task in enumerate(tasks[:4]):
        make_completion(task, owner, result=choice("Negative" if place % 2 else "Positive"), lead_time=3.0)
    return project


@pytest.fixture
def worker(
    transactional_db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A real worker; it and the server may ask backends of this machine."""
    settings.ML_ALLOW_LOOPBACK = True
    monkeypatch.setenv("ML_ALLOW_LOOPBACK", "true")
    process = WorkerProcess(tmp_path / "worker.log")
    yield
    process.kill()


@pytest.fixture
def model(owner: User, live_server: object) -> Iterator[Backend]:
    """The example that classifies texts, in a process of its own, which fetches completions from the server."""
    environment = {
        "LABEL_STUDIO_URL": str(live_server),
        "LABEL_STUDIO_API_KEY": create_api_token(user=owner, name="model"),
    }
    with served(EXAMPLE, environment=environment) as backend:
        yield backend


def test_a_model_is_connected_learns_predicts_and_learns_from_an_accepted_prediction(
    watched: OpenWatched, owner: User, project: Project, worker: None, model: Backend
) -> None:
    page = watched(owner).page

    page.goto(f"/projects/{project.pk}/models")
    page.get_by_role("link", name="Connect it").click()
    page.get_by_label("Address").fill(model.url)
    page.get_by_label("Name", exact=True).fill("Moods")
    page.get_by_role("button", name="Test and connect").click()
    expect(page.get_by_role("heading", name="Moods")).to_be_visible()
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()

    train(page, versions=1)
    wait_until(lambda: Prediction.objects.filter(project=project).exclude(result=[]).count() == 4, seconds=90)
    page.goto(f"/projects/{project.pk}/models")
    expect(page.get_by_text("4 of 4 tasks predicted")).to_be_visible(timeout=PATIENCE)
    accept_first_prediction(page, project, owner)

    page.goto(f"/projects/{project.pk}/models")
    train(page, versions=2)
    newest = ModelVersion.objects.filter(project=project).latest("pk")
    expect(page.locator("#versions").get_by_role("rowheader", name=newest.name)).to_be_visible(
        timeout=PATIENCE
    )


def train(page: Page, *, versions: int) -> None:
    """Press Train and wait until the page says by itself that so many trainings are completed."""
    page.get_by_role("button", name="Train", exact=True).click()
    trainings = page.locator("details", has=page.get_by_text("Trainings", exact=True))
    expect(trainings.get_by_text("Completed")).to_have_count(versions, timeout=PATIENCE)
    assert Training.objects.filter(status=TrainingStatus.COMPLETED).count() == versions


def accept_first_prediction(page: Page, project: Project, owner: User) -> None:
    """Open the next task, see what the model says, and submit it."""
    task, following = Task.objects.filter(project=project, is_labeled=False).order_by("inner_id")[:2]
    predicted = Prediction.objects.filter(task=task).latest("pk")
    page.goto(f"/projects/{project.pk}/label")
    label = predicted.result[0]["value"]["choices"][0]
    expect(editor(page).get_by_label(label)).to_be_checked(timeout=PATIENCE)
    editor(page).get_by_label("submit", exact=True).click()
    expect(shown_text(page, following.data["text"])).to_be_visible(timeout=PATIENCE)
    accepted = Completion.objects.get(task=task, completed_by=owner)
    assert accepted.result[0]["value"] == predicted.result[0]["value"]
