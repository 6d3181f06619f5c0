"""Completions made of predictions that are sure enough."""

from __future__ import annotations

import pytest

from apps.completions.models import Completion
from apps.predictions.models import Prediction
from apps.predictions.services import save_prediction
from apps.projects.models import Project
from apps.tasks.models import Task
from tests.data_manager.test_actions import act
from tests.data_manager.test_undoing_actions import take_back
from tests.factories import choice

ACTION = "predictions_to_annotations"


@pytest.fixture
def predicted(cast):
    """Three tasks whose predictions are sure, unsure and without a score."""
    tasks = list(Task.objects.order_by("pk"))
    for task, score in zip(tasks, (0.9, 0.4, None), strict=True):
        save_prediction(task_id=task.pk, result=choice(), score=score, model_version="v1")
    return tasks


def test_only_predictions_with_the_least_score_become_completions_that_name_them(cast, api, predicted):
    body = act(api(cast.reviewer), cast.project, ACTION, min_score=0.9)

    assert (body["processed_items"], body["left_out"]) == (1, 0)
    completion = Completion.objects.get()
    prediction = Prediction.objects.get(task=predicted[0])
    assert (completion.task_id, completion.parent_prediction) == (predicted[0].pk, prediction.pk)
    assert completion.completed_by == cast.reviewer


def test_without_a_least_score_every_prediction_becomes_one(cast, api, predicted):
    assert act(api(cast.reviewer), cast.project, ACTION)["processed_items"] == 3


def test_labeling_by_a_least_score_is_undone_as_a_whole(cast, api, predicted):
    client = api(cast.reviewer)
    run = act(client, cast.project, ACTION, min_score=0.1)["run"]
    assert Completion.objects.count() == 2

    assert take_back(client, run)["processed_items"] == 2

    assert Completion.objects.count() == 0


def test_a_version_can_be_chosen_that_annotators_do_not_see(cast, api, predicted):
    save_prediction(task_id=predicted[1].pk, result=choice("Negative"), score=0.8, model_version="v2")
    Project.objects.filter(pk=cast.project.pk).update(model_version="v1")

    act(api(cast.reviewer), cast.project, ACTION, model_version="v2", min_score=0.5)

    assert Completion.objects.get().result == choice("Negative")


@pytest.mark.parametrize("wrong", ["0.5", True, [1], {"least": 1}], ids=["text", "truth", "list", "object"])
def test_a_least_score_that_is_no_number_is_refused(cast, api, predicted, wrong):
    answer = act(api(cast.reviewer), cast.project, ACTION, code=400, min_score=wrong)

    assert "min_score must be a number" in answer["detail"]
    assert Completion.objects.count() == 0
