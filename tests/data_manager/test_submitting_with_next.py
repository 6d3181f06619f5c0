"""A submit that brings the next task along: `POST /api/tasks/N/completions?with_next=1`."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.completions.models import Completion
from apps.data_manager import queries
from apps.tasks.models import Lease, Task
from apps.tasks.next_task import reserve_next
from tests.cast import Cast, make_cast
from tests.factories import choice

ApiOf = Callable[[User | None], APIClient]

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    return make_cast(tasks=4)


@pytest.fixture
def tasks(team: Cast) -> list[int]:
    return list(Task.objects.filter(project=team.project).order_by("pk").values_list("pk", flat=True))


def submit(api: APIClient, task: int, body: dict[str, Any] | None = None, **parameters: Any) -> Any:
    """Submit a choice and ask for the next task."""
    query = "&".join(f"{name}={value}" for name, value in {"with_next": 1, **parameters}.items())
    return api.post(f"/api/tasks/{task}/completions?{query}", {"result": choice(), **(body or {})})


def test_the_answer_is_the_completion_and_the_task_that_is_reserved_now(
    team: Cast, api: ApiOf, tasks: list[int]
) -> None:
    reserve_next(project=team.project, user=team.annotator)

    answer = submit(api(team.annotator), tasks[0])

    assert answer.status_code == 201
    document = answer.json()
    assert document["id"] == Completion.objects.get().pk
    assert (document["task"], document["next"]["task"]["id"]) == (tasks[0], tasks[1])
    assert document["next"]["task"] == api(team.annotator).get(f"/api/projects/{team.project.pk}/next").json()
    assert list(Lease.objects.values_list("task_id", "user_id")) == [(tasks[1], team.annotator.pk)]


def test_besides_the_task_in_hand_one_more_is_reserved(team: Cast, api: ApiOf, tasks: list[int]) -> None:
    reserve_next(project=team.project, user=team.annotator)
    reserve_next(project=team.project, user=team.annotator, besides=tasks[0])

    answer = submit(api(team.annotator), tasks[0], besides=tasks[1])

    assert answer.json()["next"]["task"]["id"] == tasks[2]
    assert sorted(Lease.objects.values_list("task_id", flat=True)) == tasks[1:3]


def test_another_task_that_they_hold_already_comes_again(team: Cast, api: ApiOf, tasks: list[int]) -> None:
    for besides in (None, tasks[0]):
        reserve_next(project=team.project, user=team.annotator, besides=besides)

    answer = submit(api(team.annotator), tasks[0])

    assert answer.json()["next"]["task"]["id"] == tasks[1]
    assert list(Lease.objects.values_list("task_id", flat=True)) == [tasks[1]]


def test_a_lease_that_ran_out_does_not_keep_the_next_task_back(
    team: Cast, api: ApiOf, tasks: list[int]
) -> None:
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Lease.objects.create(
        task_id=tasks[1], project=team.project, user=team.reviewer, slot=0, expires_at=an_hour_ago
    )

    answer = submit(api(team.annotator), tasks[0])

    assert answer.json()["next"]["task"]["id"] == tasks[1]
    assert Lease.objects.get().user == team.annotator


def test_of_chosen_tasks_the_next_one_comes(team: Cast, api: ApiOf, tasks: list[int]) -> None:
    query = json.dumps({"selectedItems": {"all": False, "included": [tasks[3]]}})

    answer = submit(api(team.annotator), tasks[0], query=query)

    assert answer.json()["next"]["task"]["id"] == tasks[3]


def test_without_being_asked_it_says_nothing_of_a_next_task_and_reserves_none(
    team: Cast, api: ApiOf, tasks: list[int]
) -> None:
    answer = submit(api(team.annotator), tasks[0], with_next=0)

    assert answer.status_code == 201
    assert "next" not in answer.json()
    assert not Lease.objects.exists()


def test_when_nothing_is_left_it_says_why(team: Cast, api: ApiOf, tasks: list[int]) -> None:
    for task in tasks[:-1]:
        submit(api(team.annotator), task, with_next=0)

    answer = submit(api(team.annotator), tasks[-1])

    assert answer.status_code == 201
    following = answer.json()["next"]
    assert (following["task"], following["reason"]) == (None, "all-labeled")
    assert following["detail"] == "All 4 tasks are labeled."
    assert following["counts"]["left"] == 0


def test_the_same_submit_again_stores_one_and_brings_the_same_next_task(
    team: Cast, api: ApiOf, tasks: list[int]
) -> None:
    body = {"unique_id": str(uuid.uuid4())}

    first, second = (submit(api(team.annotator), tasks[0], body) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"] == Completion.objects.get().pk
    assert first.json()["next"]["task"]["id"] == second.json()["next"]["task"]["id"] == tasks[1]
    assert Lease.objects.count() == 1


@pytest.mark.parametrize("query", ["{", json.dumps({"filters": {"items": [{"filter": "tasks:secret"}]}})])
def test_a_wrong_choice_of_tasks_loses_no_completion(
    team: Cast, api: ApiOf, tasks: list[int], query: str
) -> None:
    answer = submit(api(team.annotator), tasks[0], query=query)

    assert answer.status_code == 201
    assert Completion.objects.get().task_id == tasks[0]
    assert (answer.json()["next"]["task"], answer.json()["next"]["reason"]) == (None, "failed")
    assert answer.json()["next"]["detail"]


def test_a_failure_while_the_next_task_is_read_loses_no_completion(
    team: Cast, api: ApiOf, tasks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(queries, "labeling_document", fail)

    answer = submit(api(team.annotator), tasks[0])

    assert answer.status_code == 201
    assert Completion.objects.get().task_id == tasks[0]
    assert answer.json()["next"]["reason"] == "failed"


@pytest.mark.parametrize(
    ("parameters", "field"),
    [({"with_next": "yes please"}, "with_next"), ({"besides": "x"}, "besides")],
    ids=["with_next", "besides"],
)
def test_parameters_that_mean_nothing_are_refused_and_nothing_is_stored(
    team: Cast, api: ApiOf, tasks: list[int], parameters: dict[str, Any], field: str
) -> None:
    answer = submit(api(team.annotator), tasks[0], **parameters)

    assert answer.status_code == 400
    assert list(answer.json()["validation_errors"]) == [field]
    assert not Completion.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("stranger", 404)])
def test_who_may_not_label_gets_no_task_either(
    team: Cast, api: ApiOf, tasks: list[int], who: str, status: int
) -> None:
    answer = submit(api(getattr(team, who)), tasks[0])

    assert answer.status_code == status
    assert not Completion.objects.exists()
    assert not Lease.objects.exists()


def test_it_takes_two_statements(team: Cast, api: ApiOf, tasks: list[int]) -> None:
    client = api(team.annotator)
    client.get("/api/current-user/whoami")

    with CaptureQueriesContext(connection) as asked:
        answer = submit(client, tasks[0])

    assert answer.status_code == 201
    assert len(asked) == len(("token and task", "store and reserve"))


def test_an_administrator_who_is_no_member_submits_too(team: Cast, api: ApiOf, tasks: list[int]) -> None:
    answer = submit(api(team.administrator), tasks[0])

    assert answer.status_code == 201
    assert answer.json()["next"]["task"]["id"] == tasks[1]


def test_who_is_signed_in_submits_without_a_token(team: Cast, client: Client, tasks: list[int]) -> None:
    client.force_login(team.annotator)

    answer = client.post(
        f"/api/tasks/{tasks[0]}/completions?with_next=1",
        {"result": choice()},
        content_type="application/json",
    )

    assert answer.status_code == 201
    assert answer.json()["next"]["task"]["id"] == tasks[1]
