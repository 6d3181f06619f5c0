"""Many predictions stored at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from apps.predictions.models import Prediction
from apps.predictions.services import delete_predictions_of
from apps.predictions.storing import NewPrediction, Stored, store_predictions
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.statistics.models import ScoreCount
from apps.tasks.models import Task
from apps.tasks.services import delete_batch
from tests.factories import choice, make_project


def encoded(label: str = "Positive") -> bytes:
    return json.dumps(choice(label)).encode()


def tasks_of(project: Project) -> list[Task]:
    return list(Task.objects.filter(project=project).order_by("pk"))


def scores_of(project: Project) -> list[float | None]:
    return [task.prediction_score for task in tasks_of(project)]


def test_predictions_are_stored_with_the_scores_of_their_tasks_and_the_totals_of_the_project(
    db: None,
) -> None:
    project = make_project(tasks=3)
    first, second, _ = tasks_of(project)

    stored = store_predictions(
        project_id=project.pk,
        predictions=[
            NewPrediction(second.pk, encoded("Negative"), 0.25, "v1", cluster=7),
            NewPrediction(first.pk, encoded(), 0.75, "v1"),
        ],
    )

    assert stored == Stored(inserted=2, updated=0)
    assert scores_of(project) == [0.75, 0.25, None]
    assert [task.predictions_count for task in tasks_of(project)] == [1, 1, 0]
    assert totals_of([project.pk])[project.pk].predictions == 2
    row = Prediction.objects.get(task=second)
    assert (row.result, row.model_version, row.cluster) == (choice("Negative"), "v1", 7)


def test_a_version_that_answers_again_takes_its_answer_back(db: None) -> None:
    project = make_project(tasks=1)
    (task,) = tasks_of(project)
    store_predictions(
        project_id=project.pk, predictions=[NewPrediction(task.pk, encoded(), 0.1, "v1", cluster=1)]
    )

    stored = store_predictions(
        project_id=project.pk,
        predictions=[
            NewPrediction(task.pk, encoded("Negative"), 0.9, "v1"),
            NewPrediction(task.pk, encoded(), 0.5, "v2"),
        ],
    )

    assert stored == Stored(inserted=1, updated=1)
    rows = Prediction.objects.filter(task=task).order_by("model_version")
    assert [(row.result, row.score, row.cluster) for row in rows] == [
        (choice("Negative"), 0.9, None),
        (choice(), 0.5, None),
    ]
    assert scores_of(project) == [pytest.approx(0.7)]
    assert totals_of([project.pk])[project.pk].predictions == 2


def test_of_two_answers_of_a_version_to_a_task_the_last_one_counts(db: None) -> None:
    project = make_project(tasks=1)
    (task,) = tasks_of(project)

    stored = store_predictions(
        project_id=project.pk,
        predictions=[NewPrediction(task.pk, encoded(), 0.1), NewPrediction(task.pk, encoded(), 0.9)],
    )

    assert stored == Stored(inserted=1, updated=0)
    assert scores_of(project) == [0.9]


def test_the_score_is_that_of_the_version_that_the_project_shows(db: None) -> None:
    project = make_project(tasks=1, model_version="v1")
    (task,) = tasks_of(project)

    store_predictions(
        project_id=project.pk,
        predictions=[
            NewPrediction(task.pk, encoded(), 0.1, "v1"),
            NewPrediction(task.pk, encoded(), 0.9, "v2"),
        ],
    )

    assert scores_of(project) == [0.1]


def test_answers_of_a_version_that_the_project_does_not_show_leave_the_scores_alone(db: None) -> None:
    project = make_project(tasks=2, model_version="v1")
    first, second = tasks_of(project)
    store_predictions(project_id=project.pk, predictions=[NewPrediction(first.pk, encoded(), 0.1, "v1")])

    store_predictions(
        project_id=project.pk,
        predictions=[NewPrediction(pk, encoded(), 0.9, "v2") for pk in (first.pk, second.pk)],
    )

    assert scores_of(project) == [0.1, None]
    assert [task.predictions_count for task in tasks_of(project)] == [2, 1]


def test_without_a_shown_version_the_score_is_the_mean_of_all_that_answered(db: None) -> None:
    project = make_project(tasks=3)
    first, second, third = tasks_of(project)
    store_predictions(project_id=project.pk, predictions=[NewPrediction(first.pk, encoded(), 0.25, "v1")])
    store_predictions(project_id=project.pk, predictions=[NewPrediction(third.pk, encoded(), None, "v1")])

    stored = store_predictions(
        project_id=project.pk,
        predictions=[NewPrediction(task.pk, encoded(), 0.75, "v2") for task in (third, second, first)],
    )

    assert stored == Stored(inserted=3, updated=0)
    assert scores_of(project) == [0.5, 0.75, 0.75]
    assert [task.predictions_count for task in tasks_of(project)] == [2, 1, 2]


def test_tasks_that_are_all_gone_get_nothing(db: None) -> None:
    project = make_project(tasks=1)
    (task,) = tasks_of(project)
    delete_batch(project_id=project.pk, task_ids=[task.pk])

    stored = store_predictions(project_id=project.pk, predictions=[NewPrediction(task.pk, encoded())])

    assert stored == Stored(inserted=0, updated=0, missing=frozenset({task.pk}))


def test_tasks_of_other_projects_and_deleted_tasks_are_named_and_get_nothing(db: None) -> None:
    project, other = make_project(tasks=2), make_project(tasks=1)
    kept, deleted = tasks_of(project)
    (foreign,) = tasks_of(other)
    delete_batch(project_id=project.pk, task_ids=[deleted.pk])

    stored = store_predictions(
        project_id=project.pk,
        predictions=[NewPrediction(pk, encoded(), 0.5, "v1") for pk in (foreign.pk, deleted.pk, kept.pk)],
    )

    assert stored == Stored(inserted=1, updated=0, missing=frozenset({deleted.pk, foreign.pk}))
    assert list(Prediction.objects.values_list("task_id", flat=True)) == [kept.pk]
    assert totals_of([other.pk])[other.pk].predictions == 0


def test_texts_with_every_awkward_character_arrive_as_they_were(db: None) -> None:
    project = make_project(tasks=1)
    (task,) = tasks_of(project)
    awkward = "tab\t line\n return\r back\\slash \\N \\. “quotes” \U0001f600"
    result = [{"value": {"text": [awkward]}}]

    store_predictions(
        project_id=project.pk,
        predictions=[NewPrediction(task.pk, json.dumps(result).encode(), None, awkward)],
    )

    row = Prediction.objects.get()
    assert (row.result, row.model_version, row.score) == (result, awkward, None)


def test_nothing_to_store_stores_nothing(db: None) -> None:
    project = make_project(tasks=1)

    assert store_predictions(project_id=project.pk, predictions=[]) == Stored(0, 0)

    assert Prediction.objects.count() == 0


def test_a_thousand_predictions_cost_as_many_statements_as_one(
    db: None, django_assert_num_queries: Callable[..., Any]
) -> None:
    project = make_project(tasks=1_000)
    predictions = [NewPrediction(task.pk, encoded(), 0.5, "v1") for task in tasks_of(project)]

    with django_assert_num_queries(4):  # lock, any of the version, scores, totals
        store_predictions(project_id=project.pk, predictions=predictions)

    counted = ScoreCount.objects.filter(project_id=project.pk).values_list(
        "model_version", "span", "predictions"
    )
    assert list(counted) == [("v1", 10, 1_000)]


@pytest.mark.django_db(transaction=True)
def test_totals_are_right_when_predictions_are_stored_and_deleted_at_the_same_time() -> None:
    project = make_project(tasks=40)
    ids = [task.pk for task in tasks_of(project)]
    start = threading.Barrier(4)

    def store(version: str, order: list[int]) -> None:
        start.wait()
        for _ in range(5):
            store_predictions(
                project_id=project.pk,
                predictions=[NewPrediction(pk, encoded(), 0.5, version) for pk in order],
            )
        connection.close()

    def delete() -> None:
        start.wait()
        for _ in range(5):
            delete_predictions_of(project_id=project.pk, task_ids=ids[:20])
        connection.close()

    threads = [
        threading.Thread(target=store, args=("v1", ids)),
        threading.Thread(target=store, args=("v1", ids[::-1])),
        threading.Thread(target=store, args=("v2", ids)),
        threading.Thread(target=delete),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    count = Prediction.objects.filter(project=project).count()
    assert totals_of([project.pk])[project.pk].predictions == count
    assert (
        sum(ScoreCount.objects.filter(project_id=project.pk).values_list("predictions", flat=True)) == count
    )
    for task in tasks_of(project):
        assert task.predictions_count == Prediction.objects.filter(task=task).count()
