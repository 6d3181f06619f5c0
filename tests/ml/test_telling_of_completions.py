"""Backends are told of completions: of each at least once, of those of a task in their order, and only who wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.completions.services import delete_completion, update_completion
from apps.jobs.models import Job
from apps.ml.models import CompletionEvent, MLBackend
from apps.ml.training import noting
from apps.ml.training.telling import MAX_ATTEMPTS, TELL, ask_to_tell, tell
from apps.ml.training.watching import forget_watched
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import choice, make_completion
from tests.ml.backends import connected
from tests.ml.fake_backend import FakeBackend

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Each test begins and ends without what a process keeps in memory."""
    forget_watched()
    noting.forget_asked()
    yield
    forget_watched()
    noting.forget_asked()


def nothing(*_: Any) -> None:
    """In place of a heart-beat."""


@pytest.fixture
def listener(cast: Cast, fake: FakeBackend) -> MLBackend:
    """A backend that wants to be told."""
    fake.answers("/webhook", {"status": "ok"}, 201)
    return connected(cast.project, fake, send_completion_events=True)


def first_task(cast: Cast) -> Task:
    task: Task = Task.objects.filter(project=cast.project).order_by("pk")[0]
    return task


def told(fake: FakeBackend) -> list[tuple[str, int]]:
    """Return what a backend was told: the actions, with the completions' ids."""
    return [
        (request.document["action"], request.document["annotation"]["id"])
        for request in fake.requests_to("/webhook")
    ]


def test_a_backend_is_told_what_became_of_a_completion_in_order(
    cast: Cast, fake: FakeBackend, listener: MLBackend
):
    completion = make_completion(first_task(cast), cast.annotator)
    update_completion(completion_id=completion.pk, updated_by=cast.annotator, result=choice("Negative"))
    assert tell(listener.pk, between=nothing) == 2

    delete_completion(completion_id=completion.pk, deleted_by=cast.annotator)
    assert tell(listener.pk, between=nothing) == 1

    assert told(fake) == [
        ("ANNOTATION_CREATED", completion.pk),
        ("ANNOTATION_UPDATED", completion.pk),
        ("ANNOTATION_DELETED", completion.pk),
    ]
    body = fake.requests_to("/webhook")[0].document
    assert body["project"]["id"] == cast.project.pk
    assert body["task"]["id"] == first_task(cast).pk
    assert not CompletionEvent.objects.exists()


def test_a_backend_that_does_not_want_it_is_told_nothing(cast: Cast, fake: FakeBackend):
    connected(cast.project, fake)
    make_completion(first_task(cast), cast.annotator)
    assert not CompletionEvent.objects.exists()


def test_a_completion_that_was_rolled_back_is_not_told_of(cast: Cast, listener: MLBackend):
    with transaction.atomic():
        make_completion(first_task(cast), cast.annotator)
        transaction.set_rollback(True)
    assert not CompletionEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_submitted_completion_and_what_is_told_of_it_are_of_one_transaction(
    cast: Cast, api: Callable[[User | None], APIClient], listener: MLBackend
):
    for task in Task.objects.filter(project=cast.project).order_by("pk")[:2]:
        address = f"/api/tasks/{task.pk}/annotations/"
        assert api(cast.annotator).post(address, {"result": choice()}).status_code == 201
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ml_completionevent e"
            " JOIN completions_completion c ON c.id = e.completion_id AND c.xmin = e.xmin"
        )
        assert cursor.fetchone() == (2,)


def test_while_a_backend_is_away_events_wait_in_their_order(
    cast: Cast, fake: FakeBackend, listener: MLBackend
):
    completion = make_completion(first_task(cast), cast.annotator)
    update_completion(completion_id=completion.pk, updated_by=cast.annotator, result=choice("Negative"))
    fake.answers_html("/webhook")
    assert tell(listener.pk, between=nothing) == 0
    assert CompletionEvent.objects.count() == 2

    fake.answers("/webhook", {"status": "ok"}, 201)

    assert tell(listener.pk, between=nothing) == 2
    assert [action for action, _ in told(fake)][-2:] == ["ANNOTATION_CREATED", "ANNOTATION_UPDATED"]


def test_an_event_a_backend_fails_on_again_and_again_keeps_the_others_waiting_no_longer(
    cast: Cast, fake: FakeBackend, listener: MLBackend
):
    make_completion(first_task(cast), cast.annotator)
    fake.answers("/webhook", {"detail": "cannot"}, 500)
    for _ in range(MAX_ATTEMPTS):
        MLBackend.objects.update(failures_in_row=0, retry_at=None)
        tell(listener.pk, between=nothing)
    assert not CompletionEvent.objects.exists()


def test_a_committed_completion_has_a_worker_tell_of_it(
    cast: Cast, listener: MLBackend, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        make_completion(first_task(cast), cast.annotator)
    assert ask_to_tell(cast.project.pk) == 1
    assert Job.objects.get(kind=TELL).payload == {"backend": listener.pk}


def test_what_waits_for_a_backend_that_no_longer_listens_goes(
    cast: Cast, fake: FakeBackend, listener: MLBackend
):
    make_completion(first_task(cast), cast.annotator)
    MLBackend.objects.update(send_completion_events=False)
    assert tell(listener.pk, between=nothing) == 0
    assert not CompletionEvent.objects.exists()
    assert fake.requests_to("/webhook") == []
