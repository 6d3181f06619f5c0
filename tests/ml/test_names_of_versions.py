"""Versions of two backends that have the same name: their predictions are kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.ml.interactive import suggest
from apps.ml.models import MLBackend, ModelVersion, PredictionRun, Training, TrainingStatus
from apps.ml.predicting.choosing import Chosen, Which
from apps.ml.services import remove_backend
from apps.ml.training.following import look_after
from apps.ml.versions import name_in_project, note_version
from apps.predictions.models import Prediction
from apps.predictions.services import save_prediction
from apps.projects.services import update_project
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import choice
from tests.ml.fake_backend import FakeBackend, fake_backend
from tests.ml.predicting import predicted, predicted_ids, quiet


@pytest.fixture
def other_fake() -> Iterator[FakeBackend]:
    """A second backend, which calls its version the same and answers otherwise."""

    def negative(_task: dict[str, Any]) -> dict[str, Any]:
        return {"result": choice("Negative"), "score": 0.25}

    with fake_backend(predict=negative) as backend:
        yield backend


@pytest.fixture
def mood(cast: Cast, fake: FakeBackend) -> MLBackend:
    """The backend that was the first to name its version: "v1"."""
    backend = quiet(cast.project, fake, title="Mood", model_version="")
    note_version(backend=backend, name="v1")
    return backend


@pytest.fixture
def tone(cast: Cast, mood: MLBackend, other_fake: FakeBackend) -> MLBackend:
    """The second backend of the project."""
    return quiet(cast.project, other_fake, title="Tone", model_version="")


@pytest.mark.django_db(transaction=True)
def test_two_backends_that_name_the_same_version_keep_their_predictions(
    cast: Cast, mood: MLBackend, tone: MLBackend
) -> None:
    everything = Task.objects.filter(project=cast.project).count()
    predicted(mood)
    run, _ = predicted(tone)

    assert len(predicted_ids(cast.project, "v1")) == everything
    assert len(predicted_ids(cast.project, "v1 (Tone)")) == everything
    assert run.model_version == "v1 (Tone)"
    answers = Prediction.objects.filter(model_version="v1").values_list("result__0__value__choices__0")
    assert set(answers) == {("Positive",)}
    tone.refresh_from_db()
    assert tone.model_version == "v1 (Tone)"


@pytest.mark.django_db(transaction=True)
def test_what_the_second_backend_has_predicted_is_not_asked_for_again(
    mood: MLBackend, tone: MLBackend
) -> None:
    predicted(tone)
    tone.refresh_from_db()

    run, _ = predicted(tone, Chosen(Which.WITHOUT_VERSION, version=tone.model_version))

    assert (run.total, run.predicted) == (0, 0)


def test_the_score_of_the_queue_is_that_of_the_chosen_version(
    cast: Cast, api: Any, mood: MLBackend, tone: MLBackend
) -> None:
    MLBackend.objects.update(predict_on_open=True)
    update_project(project_id=cast.project.pk, model_version="v1 (Tone)")
    task = Task.objects.earliest("pk")

    shown = api(cast.reviewer).post(f"/api/tasks/{task.pk}/predictions/").json()

    assert [one["model_version"] for one in shown] == ["v1 (Tone)"]
    task.refresh_from_db()
    assert (task.predictions_count, task.prediction_score) == (2, 0.25)


def test_a_suggestion_names_the_version_as_the_project_does(cast: Cast, tone: MLBackend) -> None:
    note_version(backend=tone, name="v1")
    tone.is_interactive = True

    suggestion = suggest(backend=tone, task_id=Task.objects.earliest("pk").pk, context=None, drafts=[])

    assert suggestion.data is not None
    assert suggestion.data["model_version"] == "v1 (Tone)"


def test_a_name_that_was_given_stays_whatever_the_backend_is_called_later(
    db: None, mood: MLBackend, tone: MLBackend
) -> None:
    note_version(backend=tone, name="v1")
    MLBackend.objects.filter(pk=tone.pk).update(title="Another title")

    assert note_version(backend=tone, name="v1") == "v1 (Tone)"
    assert note_version(backend=tone, name="v1 (Tone)") == "v1 (Tone)"
    assert name_in_project(mood, "v1") == "v1"


def test_backends_of_the_same_title_are_numbered(cast: Cast, mood: MLBackend, tone: MLBackend) -> None:
    third = quiet(cast.project, FakeBackend(url="http://127.0.0.1:9"), title="Tone")
    note_version(backend=tone, name="v1")

    assert note_version(backend=third, name="v1") == "v1 (Tone 2)"


def test_names_of_the_greatest_length_are_told_apart(db: None, mood: MLBackend, tone: MLBackend) -> None:
    names = ["v" * 254 + end for end in "ab"]
    for name in names:
        note_version(backend=mood, name=name)

    stored = [note_version(backend=tone, name=name) for name in names]

    assert [name[-9:] for name in stored] == ["vv (Tone)", " (Tone 2)"]
    assert [name_in_project(tone, name) for name in names] == stored


def test_who_connects_a_removed_backend_again_finds_its_versions(cast: Cast, mood: MLBackend) -> None:
    remove_backend(backend=mood, removed_by=cast.manager)
    again = quiet(cast.project, FakeBackend(url="http://127.0.0.1:9"), title="Mood again")

    assert note_version(backend=again, name="v1") == "v1"
    assert ModelVersion.objects.get().backend_id == again.pk


def test_imported_predictions_are_of_the_version_that_they_name(cast: Cast, tone: MLBackend) -> None:
    save_prediction(task_id=Task.objects.earliest("pk").pk, result=choice(), model_version="imported")

    assert note_version(backend=tone, name="imported") == "imported"


def test_a_training_that_learned_nothing_is_not_taken_for_a_new_version(
    cast: Cast, tone: MLBackend, other_fake: FakeBackend
) -> None:
    note_version(backend=tone, name="v1")
    training = Training.objects.create(
        project=cast.project, backend=tone, status=TrainingStatus.RUNNING, version_before="v1 (Tone)",
        started_at=timezone.now() - timedelta(minutes=5),
    )  # fmt: skip
    other_fake.answers("/is_training", {"is_training": False, "model_version": "v1"})

    look_after(training.pk)

    training.refresh_from_db()
    assert training.status == TrainingStatus.UNKNOWN
    assert not PredictionRun.objects.exists()


def test_a_training_keeps_the_name_of_the_version_in_the_project(
    cast: Cast, mood: MLBackend, tone: MLBackend, other_fake: FakeBackend
) -> None:
    for backend, name in ((mood, "v2"), (tone, "v1")):
        note_version(backend=backend, name=name)
    training = Training.objects.create(
        project=cast.project, backend=tone, status=TrainingStatus.RUNNING, version_before="v1 (Tone)",
        started_at=timezone.now(),
    )  # fmt: skip
    other_fake.answers("/is_training", {"is_training": False, "model_version": "v2"})

    look_after(training.pk)

    training.refresh_from_db()
    assert (training.status, training.version_after) == (TrainingStatus.COMPLETED, "v2 (Tone)")
