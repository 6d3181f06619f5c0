"""Trainings over REST."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.ml.models import Training, TrainingStatus
from apps.ml.training.starting import start_training
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import make_completion
from tests.ml.backends import make_backend

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]


@pytest.fixture
def labeled(cast: Cast) -> Cast:
    """A project with one completion."""
    make_completion(Task.objects.filter(project=cast.project).order_by("pk")[0], cast.annotator)
    return cast


def test_a_manager_has_a_model_trained(api: Api, labeled: Cast):
    backend = make_backend(labeled.project)

    response = api(labeled.manager).post(f"/api/ml/{backend.pk}/train", {}, format="json")

    assert response.status_code == 200
    training = Training.objects.get(backend=backend)
    assert response.json()["id"] == training.pk
    assert response.json()["status"] == "requested"
    assert response.json()["created_by"] == labeled.manager.pk
    assert training.job is not None
    assert training.job.payload == {"training": training.pk, "ground_truth_only": False}


def test_ground_truth_alone_may_be_asked_for(api: Api, labeled: Cast):
    make_completion(
        Task.objects.filter(project=labeled.project).order_by("pk")[1], labeled.reviewer, ground_truth=True
    )
    backend = make_backend(labeled.project)

    response = api(labeled.manager).post(
        f"/api/ml/{backend.pk}/train", {"use_ground_truth": True}, format="json"
    )

    assert response.json()["completions"] == 1
    job = Training.objects.get(backend=backend).job
    assert job is not None
    assert job.payload["ground_truth_only"] is True


def test_two_trainings_at_once_are_a_conflict_that_names_the_first(api: Api, labeled: Cast):
    backend = make_backend(labeled.project)
    first = start_training(backend=backend)

    response = api(labeled.manager).post(f"/api/ml/{backend.pk}/train", {}, format="json")

    assert response.status_code == 409
    assert f"training {first.pk}" in response.json()["detail"]


def test_trainings_are_listed_newest_first_and_one_shows_its_log(
    api: Api, labeled: Cast, django_assert_max_num_queries
):
    backend = make_backend(labeled.project)
    for number in range(3):
        training = start_training(backend=backend)
        Training.objects.filter(pk=training.pk).update(status=TrainingStatus.COMPLETED, log=f"epoch {number}")
    client = api(labeled.manager)

    with django_assert_max_num_queries(8):
        page = client.get(f"/api/ml/{backend.pk}/trainings?page_size=2").json()

    assert page["count"] == 3
    assert [one["id"] for one in page["results"]] == sorted(
        Training.objects.values_list("pk", flat=True), reverse=True
    )[:2]
    assert "log" not in page["results"][0]
    one = client.get(f"/api/ml/{backend.pk}/trainings/{training.pk}/").json()
    assert one["log"] == "epoch 2"
