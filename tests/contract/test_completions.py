"""Completions over REST: what was sent is what is stored, once."""

from __future__ import annotations

import uuid

import pytest

from apps.completions.models import Completion
from apps.tasks.models import Task
from tests.factories import choice, make_completion

EXACT = [
    {
        "id": "rlaPsIKwko",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "origin": "manual",
        "value": {
            "start": 0,
            "end": 11,
            "text": "Ali\u0301ce 😀\\u0041\n",
            "labels": ["Person"],
            "z": 1,
            "a": 2,
        },
        "score": 10.67,
        "extra": [None, True, 1e-7, 2**53, -0.5, ""],
    },
    {"from_id": "a", "to_id": "b", "type": "relation", "direction": "right", "labels": []},
]


@pytest.fixture
def task(cast):
    return Task.objects.order_by("pk").first()


def test_a_result_is_stored_exactly_as_the_editor_sent_it(cast, api, task):
    client = api(cast.annotator)
    created = client.post(f"/api/tasks/{task.pk}/annotations/", {"result": EXACT, "lead_time": 12.5})
    assert created.status_code == 201
    assert created.json()["result"] == EXACT
    read = client.get(f"/api/annotations/{created.json()['id']}/").json()
    assert read["result"] == EXACT
    assert read["lead_time"] == 12.5
    assert read["completed_by"] == cast.annotator.pk


@pytest.mark.parametrize("name", ["annotations", "completions"])
def test_both_names_of_a_completion_work(cast, api, task, name):
    client = api(cast.annotator)
    created = client.post(f"/api/tasks/{task.pk}/{name}", {"result": []}).json()
    assert [row["id"] for row in client.get(f"/api/tasks/{task.pk}/{name}").json()] == [created["id"]]
    assert client.get(f"/api/{name}/{created['id']}").status_code == 200


def test_the_same_client_id_twice_stores_one_completion(cast, api, task):
    client = api(cast.annotator)
    body = {"result": choice(), "unique_id": str(uuid.uuid4())}
    first = client.post(f"/api/tasks/{task.pk}/annotations", body)
    second = client.post(f"/api/tasks/{task.pk}/annotations", body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert Completion.objects.count() == 1


def test_a_client_id_with_another_result_is_422_and_stores_nothing(cast, api, task):
    client = api(cast.annotator)
    client_id = str(uuid.uuid4())
    client.post(f"/api/tasks/{task.pk}/annotations", {"result": choice(), "unique_id": client_id})
    response = client.post(f"/api/tasks/{task.pk}/annotations", {"result": [], "unique_id": client_id})
    assert response.status_code == 422
    assert Completion.objects.get().result == choice()


def test_a_skip_is_stored_and_gives_the_task_to_others(cast, api, task):
    skipped = api(cast.annotator).post(
        f"/api/tasks/{task.pk}/annotations", {"result": [], "was_cancelled": True}
    )
    assert skipped.json()["was_cancelled"] is True
    task.refresh_from_db()
    assert (task.completions_count, task.skips_count, task.is_labeled) == (0, 1, False)
    assert api(cast.annotator).get(f"/api/projects/{cast.project.pk}/next").json()["inner_id"] == 2
    assert api(cast.reviewer).get(f"/api/projects/{cast.project.pk}/next").json()["inner_id"] == 1


def test_an_update_changes_the_result_and_who_changed_it(cast, api, task):
    completion = make_completion(task, cast.annotator)
    response = api(cast.reviewer).patch(f"/api/annotations/{completion.pk}/", {"result": choice("Negative")})
    assert response.json()["result"] == choice("Negative")
    assert response.json()["completed_by"] == cast.annotator.pk
    assert response.json()["updated_by"] == cast.reviewer.pk


def test_an_annotator_may_not_mark_ground_truth(cast, api, task):
    response = api(cast.annotator).post(
        f"/api/tasks/{task.pk}/annotations", {"result": choice(), "ground_truth": True}
    )
    assert response.status_code == 403
    assert not Completion.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"result": "text"},
        {"result": {"a": 1}},
        {"result": [1]},
        {"result": None},
        {},
        {"result": [], "lead_time": -1},
        {"result": [], "lead_time": "long"},
        {"result": [], "unique_id": "no-uuid"},
        {"result": [], "parent_prediction": 2**70},
        {"result": [], "was_cancelled": "perhaps"},
        [],
    ],
)
def test_a_completion_that_is_none_is_400_and_nothing_is_stored(cast, api, task, body):
    response = api(cast.annotator).post(f"/api/tasks/{task.pk}/annotations", body)
    assert response.status_code == 400
    assert response.json()["validation_errors"]
    assert not Completion.objects.exists()


def test_deleting_the_last_completion_puts_the_task_back_into_the_queue(cast, api, task):
    completion = make_completion(task, cast.annotator)
    assert api(cast.annotator).delete(f"/api/annotations/{completion.pk}").status_code == 204
    task.refresh_from_db()
    assert (task.completions_count, task.is_labeled, task.completed_at) == (0, False, None)
