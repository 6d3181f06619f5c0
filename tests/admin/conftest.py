"""People in the admin panel, and a project with a row of each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone

from apps.accounts.models import ApiToken, User
from apps.accounts.services import create_api_token
from apps.exports.models import Export
from apps.jobs.models import Job, Worker
from apps.ml.models import PredictionRun, Training
from apps.predictions.services import save_prediction
from apps.projects.invitations import create_invitation
from apps.projects.models import Project
from apps.tasks.assigning import assign_tasks
from apps.tasks.models import Lease, Task
from tests.cast import Cast
from tests.factories import choice, make_comment, make_completion, make_project, make_tasks, make_user
from tests.ml.backends import make_backend

SECRET = "the stored secret of an ML backend"

Panel = Callable[[User | None], Client]


@pytest.fixture(scope="session")
def handler() -> ClientHandler:
    """One for all browsers: each new one lists every static file first."""
    return ClientHandler(enforce_csrf_checks=False)


@pytest.fixture
def panel(db: None, handler: ClientHandler) -> Panel:
    """Return a browser in which a person is signed in; nobody for None."""

    def browser_of(person: User | None) -> Client:
        client = Client()
        client.handler = handler
        if person is not None:
            client.force_login(person)
        return client

    return browser_of


def fill(project: Project, owner: User) -> None:
    """Give a project one more row of each kind that the panel shows."""
    (task,) = make_tasks(project, [{"text": "one more"}])
    make_completion(task, owner)
    make_comment(task, owner)
    save_prediction(task_id=task.pk, result=choice(), score=0.5, model_version=f"v{task.pk}")
    backend = make_backend(project, f"https://models.example.com/{task.pk}", auth_secret=SECRET)
    PredictionRun.objects.create(project=project, backend=backend)
    Training.objects.create(project=project, backend=backend)
    Lease.objects.create(
        task=task, project=project, user=make_user(), slot=0, expires_at=timezone.now() + timedelta(hours=1)
    )
    assign_tasks(project=project, task_ids=[task.pk], user_ids=[owner.pk], assigned_by=owner)
    Job.objects.create(kind="project-deletion", project=project, created_by=owner)
    Export.objects.create(project=project, created_by=owner, format="JSON", options={"format": "JSON"})
    create_invitation(created_by=owner, project=project)
    create_api_token(user=owner)
    Worker.objects.create(hostname=f"worker-of-{task.pk}")


@dataclass(frozen=True)
class Worlds:
    """Two projects that have nothing to do with each other, each with rows of each kind."""

    cast: Cast
    foreign: Project


@pytest.fixture
def worlds(cast: Cast) -> Worlds:
    """The cast's project, and one of the stranger's."""
    foreign = make_project(cast.stranger, title="Foreign affairs", tasks=1)
    fill(cast.project, cast.owner)
    fill(foreign, cast.stranger)
    return Worlds(cast=cast, foreign=foreign)


def rows_of(response: Any) -> list[Any]:
    """Return the rows of a list that was answered."""
    assert response.status_code == 200, response.content[:500]
    return list(response.context["cl"].result_list)


def last_task(project: Project) -> Task:
    """Return the task that came last."""
    task: Task | None = Task.objects.filter(project=project).order_by("pk").last()
    assert task is not None
    return task


def token_of(person: User) -> ApiToken:
    """Return somebody's API token."""
    token: ApiToken = ApiToken.objects.get(user=person)
    return token
