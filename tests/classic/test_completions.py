"""Completions where the Flask era had them: below their task."""

from __future__ import annotations

import pytest

from apps.completions.models import Completion
from apps.tasks.models import Task
from tests.factories import choice, make_completion, make_project, make_tasks

pytestmark = pytest.mark.django_db


def test_a_completion_is_marked_ground_truth_by_the_name_of_that_time(cast, api):
    task = Task.objects.order_by("pk")[0]
    completion = make_completion(task, cast.annotator)
    address = f"/api/tasks/{task.pk}/completions/{completion.pk}"
    response = api(cast.reviewer).patch(address, {"honeypot": True}, format="json")
    assert (response.status_code, response.json()["detail"]) == (201, "created")
    completion.refresh_from_db()
    assert completion.ground_truth


@pytest.mark.parametrize(("asked", "is_skip"), [("1", True), ("true", True), ("0", False), ("false", False)])
def test_an_update_can_make_it_a_skip(cast, api, asked, is_skip):
    task = Task.objects.order_by("pk")[0]
    completion = make_completion(task, cast.annotator)
    address = f"/api/tasks/{task.pk}/completions/{completion.pk}?was_cancelled={asked}"
    assert api(cast.annotator).post(address, {"lead_time": 3}, format="json").status_code == 201
    completion.refresh_from_db()
    assert (completion.was_cancelled, completion.lead_time) == (is_skip, 3)


def test_it_is_deleted(cast, api):
    task = Task.objects.order_by("pk")[0]
    completion = make_completion(task, cast.annotator)
    address = f"/api/tasks/{task.pk}/completions/{completion.pk}"
    assert api(cast.annotator).delete(address).status_code == 204
    assert not Completion.objects.exists()


@pytest.mark.parametrize("method", ["get", "patch", "post", "delete"])
def test_a_completion_of_another_task_is_not_found(cast, api, method):
    first, second = Task.objects.order_by("pk")[:2]
    completion = make_completion(first, cast.annotator)
    address = f"/api/tasks/{second.pk}/completions/{completion.pk}"
    assert getattr(api(cast.annotator), method)(address, {}, format="json").status_code == 404
    assert Completion.objects.get().result == choice()


def test_the_tasks_with_completions_are_those_whose_completions_one_may_see(cast, api):
    first, second, _ = Task.objects.order_by("pk")
    make_completion(second, cast.annotator)
    make_completion(first, cast.reviewer)
    make_completion(first, cast.annotator)
    other = make_project(cast.owner)
    make_completion(make_tasks(other, [{"text": "elsewhere"}])[0], cast.owner)
    address = f"/api/completions?project={cast.project.pk}"
    assert api(cast.owner).get(address).json() == {"ids": [first.pk, second.pk]}
    make_completion(second, cast.reviewer)
    assert api(cast.viewer).get(address).json() == {"ids": [first.pk, second.pk]}
    assert api(cast.stranger).get(address).status_code == 404


@pytest.mark.parametrize(("query", "body"), [("", "honeypot=true"), ("?was_cancelled=1", "lead_time=3")])
def test_older_names_in_a_form_are_refused(cast, api, query, body):
    task = Task.objects.order_by("pk")[0]
    completion = make_completion(task, cast.reviewer)
    address = f"/api/tasks/{task.pk}/completions/{completion.pk}{query}"
    response = api(cast.reviewer).patch(address, body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 400
    assert "as JSON" in response.json()["detail"]
    completion.refresh_from_db()
    assert (completion.ground_truth, completion.was_cancelled, completion.version) == (False, False, 1)
