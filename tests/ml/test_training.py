"""A training is asked for once, followed to its end by whichever worker is there, and its end is told."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.core.errors import Conflict, NotAllowed, ValidationFailed
from apps.core.events import subscribe
from apps.ml.events import NewModelVersion
from apps.ml.models import MLBackend, ModelVersion, Protocol, RunTrigger, Training, TrainingStatus
from apps.ml.protocol.client import BackendClient
from apps.ml.training.following import SETTLING, begin, follow, look_after
from apps.ml.training.starting import start_training
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import make_completion, make_project
from tests.ml.backends import connected, make_backend
from tests.ml.fake_backend import Exchange, FakeBackend, fake_backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def labeled(cast: Cast) -> Cast:
    """A project with one completion."""
    make_completion(Task.objects.filter(project=cast.project).earliest("pk"), cast.annotator)
    return cast


def nothing(*_: Any) -> None:
    """In place of waiting and of heart-beats."""


def finish(training: Training) -> Training:
    """Send the request of a training and follow it to its end."""
    begin(training.pk, ground_truth_only=training.backend.use_ground_truth_only)
    assert follow(training.pk, seconds=60, between=nothing, pause=nothing)
    return Training.objects.get(pk=training.pk)


def started(backend: MLBackend) -> Training:
    """Return a training that somebody asked for."""
    return start_training(backend=backend, trigger=RunTrigger.PERSON, created_by=None)


def test_a_training_ends_with_the_version_before_and_after_it(labeled: Cast, fake: FakeBackend):
    training = finish(started(connected(labeled.project, fake)))

    assert training.status == TrainingStatus.COMPLETED
    assert (training.version_before, training.version_after) == ("v1", "v2")
    assert training.completions == 1
    assert training.started_at is not None
    assert training.finished_at is not None
    (request,) = fake.requests_to("/webhook")
    assert request.document["action"] == "START_TRAINING"
    assert request.document["project"]["label_config"] == labeled.project.label_config


def test_a_new_version_is_known_and_told(
    labeled: Cast, fake: FakeBackend, django_capture_on_commit_callbacks
):
    told: list[NewModelVersion] = []
    subscribe(NewModelVersion, told.append)
    backend = connected(labeled.project, fake)

    with django_capture_on_commit_callbacks(execute=True):
        finish(started(backend))

    assert [event for event in told if event.backend_id == backend.pk]
    assert ModelVersion.objects.filter(project=labeled.project, name="v2", backend=backend).count() == 1
    backend.refresh_from_db()
    assert backend.model_version == "v2"


def test_the_second_of_two_who_ask_is_told_of_the_first(labeled: Cast, fake: FakeBackend):
    backend = connected(labeled.project, fake)
    first = started(backend)

    with pytest.raises(Conflict, match=f"training {first.pk} is requested") as refusal:
        started(backend)

    assert refusal.value.details == {"training": first.pk}
    assert Training.objects.count() == 1


def test_another_training_may_begin_after_the_end_of_one(labeled: Cast, fake: FakeBackend):
    backend = connected(labeled.project, fake)
    finish(started(backend))
    backend.refresh_from_db()
    assert finish(started(backend)).version_after == "v3"


def test_nobody_trains_on_nothing(cast: Cast, fake: FakeBackend):
    with pytest.raises(ValidationFailed, match="Label some tasks first"):
        started(connected(cast.project, fake))
    assert not Training.objects.exists()


def test_nobody_trains_on_ground_truth_where_there_is_none(labeled: Cast, fake: FakeBackend):
    with pytest.raises(ValidationFailed, match="no completion is marked as ground truth"):
        started(connected(labeled.project, fake, use_ground_truth_only=True))
    assert not Training.objects.exists()


def test_models_of_an_archived_project_are_not_trained(labeled: Cast, fake: FakeBackend):
    backend = connected(labeled.project, fake)
    labeled.project.archived_at = timezone.now()
    labeled.project.save(update_fields=["archived_at"])
    with pytest.raises(NotAllowed, match="archived"):
        started(backend)


def test_a_backend_of_the_flask_era_is_sent_the_labeled_tasks_with_their_completions(labeled: Cast):
    with fake_backend(is_flask_era=True) as fake:
        training = finish(started(connected(labeled.project, fake, protocol=Protocol.FLASK_ERA)))

    assert (training.status, training.version_after) == (TrainingStatus.COMPLETED, "v2")
    (request,) = fake.requests_to("/train")
    (task,) = request.document["completions"]
    assert task["id"] == Task.objects.filter(project=labeled.project).order_by("pk")[0].pk
    assert [one["result"][0]["value"]["choices"] for one in task["completions"]] == [["Positive"]]
    assert request.document["label_config"] == labeled.project.label_config


def test_a_backend_that_learns_from_ground_truth_alone_is_sent_nothing_else(labeled: Cast):
    tasks = list(Task.objects.filter(project=labeled.project).order_by("pk"))
    make_completion(tasks[1], labeled.reviewer, ground_truth=True)
    with fake_backend(is_flask_era=True) as fake:
        backend = connected(labeled.project, fake, protocol=Protocol.FLASK_ERA, use_ground_truth_only=True)
        finish(started(backend))

    (request,) = fake.requests_to("/train")
    assert [task["id"] for task in request.document["completions"]] == [tasks[1].pk]


class Slow:
    """A backend that trains in a process of its own and tells how it goes."""

    def __init__(self, fake: FakeBackend, *, looks: int = 2, error: str | None = None) -> None:
        self.fake, self.looks, self.error = fake, looks, error
        fake.answers("/webhook", {"result": {"job": "j1"}, "status": "ok"}, 201)
        fake.behaves("/is_training", self._is_training)
        fake.behaves("/job_status", self._job_status)

    @property
    def is_training(self) -> bool:
        return self.looks > 0

    def _is_training(self, exchange: Exchange) -> None:
        self.looks -= 1
        if not self.is_training and not self.error:
            self.fake.model_version = "v2"
        exchange.reply({"is_training": self.is_training, "model_version": self.fake.model_version})

    def _job_status(self, exchange: Exchange) -> None:
        status = "started" if self.is_training else "failed" if self.error else "finished"
        exchange.reply({"job": "j1", "job_status": status, "log": f"{self.looks} left", "error": self.error})


def test_a_training_behind_the_answer_is_followed_to_its_end_and_its_log_kept(
    labeled: Cast, fake: FakeBackend
):
    Slow(fake, looks=3)
    training = finish(started(connected(labeled.project, fake)))

    assert training.status == TrainingStatus.COMPLETED
    assert training.version_after == "v2"
    assert training.remote_job == "j1"
    assert training.log == "0 left"


def test_a_training_that_failed_says_what_the_backend_says(labeled: Cast, fake: FakeBackend):
    Slow(fake, error="ValueError: only one class")
    training = finish(started(connected(labeled.project, fake)))

    assert training.status == TrainingStatus.FAILED
    assert "ValueError: only one class" in training.error
    assert not ModelVersion.objects.filter(project=labeled.project, name="v2").exists()


def test_a_backend_that_does_not_take_the_request_fails_the_training_with_cause_and_remedy(
    labeled: Cast, fake: FakeBackend
):
    fake.answers("/webhook", {"detail": "CUDA out of memory"}, 500)
    training = finish(started(connected(labeled.project, fake)))

    assert training.status == TrainingStatus.FAILED
    assert "CUDA out of memory" in training.error
    assert "Look into the backend's log" in training.error


def test_a_worker_that_takes_over_from_a_dead_one_follows_and_does_not_start_again(
    labeled: Cast, fake: FakeBackend
):
    Slow(fake)
    training = started(connected(labeled.project, fake))
    begin(training.pk, ground_truth_only=False)

    assert finish(training).status == TrainingStatus.COMPLETED
    assert len(fake.requests_to("/webhook")) == 1


def test_a_worker_that_died_before_the_request_left_leaves_an_end_that_says_so(
    labeled: Cast, fake: FakeBackend
):
    fake.answers("/is_training", {"is_training": False, "model_version": "v1"})
    training = started(connected(labeled.project, fake))
    began = timezone.now() - SETTLING - timedelta(seconds=1)
    Training.objects.filter(pk=training.pk).update(
        status=TrainingStatus.RUNNING, started_at=began, version_before="v1"
    )

    ended = finish(training)

    assert ended.status == TrainingStatus.UNKNOWN
    assert "train again" in ended.error
    assert fake.requests_to("/webhook") == []


def test_a_training_that_outlasts_the_request_is_followed(labeled: Cast, fake: FakeBackend):
    fake.is_silent("/webhook")
    training = started(connected(labeled.project, fake, train_seconds=0.2))
    begin(training.pk, ground_truth_only=False)
    assert not look_after(training.pk)

    fake.model_version = "v2"

    assert look_after(training.pk)
    ended = Training.objects.get(pk=training.pk)
    assert (ended.status, ended.version_after) == (TrainingStatus.COMPLETED, "v2")


def test_a_backend_that_is_away_for_a_while_is_asked_again(labeled: Cast, fake: FakeBackend):
    Slow(fake, looks=1)
    training = started(connected(labeled.project, fake))
    begin(training.pk, ground_truth_only=False)
    fake.answers("/is_training", {}, 500)
    assert not look_after(training.pk)

    Slow(fake, looks=1)

    assert look_after(training.pk)


def test_a_training_nobody_hears_of_ends_in_bounded_time(labeled: Cast, fake: FakeBackend):
    Slow(fake)
    training = started(connected(labeled.project, fake))
    begin(training.pk, ground_truth_only=False)
    fake.answers("/is_training", {"detail": "gone mad"}, 500)
    fake.answers("/setup", {"detail": "gone mad"}, 500)
    Training.objects.filter(pk=training.pk).update(started_at=timezone.now() - timedelta(days=3))

    assert look_after(training.pk)

    ended = Training.objects.get(pk=training.pk)
    assert ended.status == TrainingStatus.UNKNOWN
    assert "48 hours" in ended.error
    assert "gone mad" in ended.error


def test_following_gives_the_worker_back_after_its_time(labeled: Cast, fake: FakeBackend):
    Slow(fake, looks=1_000)
    training = started(connected(labeled.project, fake))
    begin(training.pk, ground_truth_only=False)
    waits: list[float] = []

    assert not follow(training.pk, seconds=0.3, between=nothing, pause=waits.append)

    assert Training.objects.get(pk=training.pk).status == TrainingStatus.RUNNING


@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_at_once_one_starts_a_training(fake: FakeBackend):
    project = make_project(tasks=1)
    assert project.created_by is not None
    make_completion(Task.objects.get(project=project), project.created_by)
    backend = make_backend(project, fake.url)
    outcomes: list[str] = []

    def ask() -> None:
        try:
            started(backend)
            outcomes.append("started")
        except Conflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["conflict", "conflict", "conflict", "started"]
    assert Training.objects.count() == 1


def test_the_completions_for_a_backend_of_the_flask_era_are_never_in_memory_as_a_whole(labeled: Cast):
    peaks: list[int] = []

    def documents() -> Iterator[dict[str, Any]]:
        for number in range(3_000):
            yield {"id": number, "data": {"text": f"{number}".ljust(10_000)}, "annotations": []}
        peaks.append(tracemalloc.get_traced_memory()[1])  # before the other side, in this process, reads it

    with fake_backend(is_flask_era=True) as fake:
        client = BackendClient(connected(labeled.project, fake, protocol=Protocol.FLASK_ERA))
        tracemalloc.start()
        client.start_training(tasks_with_completions=documents())
        tracemalloc.stop()

    assert peaks[0] < 15 << 20
    (request,) = fake.requests_to("/train")
    assert [task["id"] for task in request.document["completions"]] == list(range(3_000))
