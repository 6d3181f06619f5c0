"""What people have models do stands in the audit log; what rules start stands in the model's history alone."""

from __future__ import annotations

from typing import Any

import pytest

from apps.audit.models import Entry
from apps.ml.models import MLBackend, PredictionRun, RunTrigger, Training
from apps.ml.predicting.choosing import Chosen, Which
from apps.ml.predicting.runs import start_run
from apps.ml.training.starting import start_training
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import make_completion
from tests.ml.backends import make_backend


@pytest.fixture
def backend(cast: Cast) -> MLBackend:
    """A backend with something to learn from."""
    make_completion(Task.objects.filter(project=cast.project).order_by("pk")[0], cast.annotator)
    return make_backend(cast.project)


def logged() -> list[tuple[str, str, str, Any]]:
    """Return who did what to what, in the order in which it was done."""
    entries = Entry.objects.filter(action__regex="^(model|job)").order_by("pk")
    return list(entries.values_list("actor_name", "action", "target_name", "after"))


def test_who_started_and_cancelled_a_training_is_logged(cast: Cast, api: Any, backend: MLBackend) -> None:
    client = api(cast.manager)

    client.post(f"/api/ml/{backend.pk}/train", {"use_ground_truth": False}, format="json")
    training = Training.objects.get()
    client.post(f"/api/jobs/{training.job_id}/cancel/")

    started = {"training": training.pk, "ground_truth_only": False, "completions": 1}
    assert logged() == [
        (cast.manager.email, "model.training_started", "Sentiments", started),
        (cast.manager.email, "job.cancelled", "Train a model", None),
    ]


def test_who_asked_for_predictions_and_cancelled_them_is_logged(
    cast: Cast, api: Any, backend: MLBackend
) -> None:
    client = api(cast.manager)

    run = client.post(f"/api/ml/{backend.pk}/predict", {"tasks": "unlabeled"}, format="json").json()["id"]
    client.post(f"/api/ml/{backend.pk}/predict", {"tasks": "unlabeled"}, format="json")
    client.post(f"/api/ml/runs/{run}/cancel")

    assert PredictionRun.objects.count() == 1
    assert logged() == [
        (cast.manager.email, "model.predictions_requested", "Sentiments", {"run": run, "tasks": "unlabeled"}),
        (cast.manager.email, "job.cancelled", "Fetch predictions", None),
    ]


def test_what_a_rule_starts_is_not_logged(db: None, backend: MLBackend) -> None:
    start_training(backend=backend, trigger=RunTrigger.COMPLETIONS)
    start_run(backend=backend, chosen=Chosen(Which.ALL), trigger=RunTrigger.SCHEDULE)

    assert logged() == []
