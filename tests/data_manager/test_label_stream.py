"""The label stream over chosen tasks: `GET /api/projects/N/next?query=`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.projects.models import HandingOut, Project
from apps.tasks.assigning import assign_tasks
from apps.tasks.models import Lease, Task
from apps.tasks.next_task import reserve_next
from tests.cast import Cast, make_cast
from tests.factories import make_completion

ApiOf = Callable[[User | None], APIClient]

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    return make_cast(tasks=6)


def numbers(project: Project, *wanted: int) -> list[int]:
    """Return the ids of tasks by their numbers in the project."""
    found = dict(Task.objects.filter(project=project).values_list("inner_id", "pk"))
    return [found[number] for number in wanted]


def ask(api: APIClient, project: Project, query: Any, **parameters: Any) -> Any:
    """Ask for the next of the chosen tasks."""
    text = query if isinstance(query, str) else json.dumps(query)
    return api.get(f"/api/projects/{project.pk}/next", {"query": text, **parameters})


def chosen(project: Project, *wanted: int, ordering: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the choice of single tasks, by their numbers."""
    return {
        "selectedItems": {"all": False, "included": numbers(project, *wanted)},
        "ordering": list(ordering),
    }


def test_chosen_tasks_come_one_after_the_other_in_their_order(team: Cast, api: ApiOf) -> None:
    client, project = api(team.annotator), team.project
    make_completion(Task.objects.get(pk=numbers(project, 3)[0]), team.reviewer)
    query = chosen(project, 2, 3, 5, ordering=("-tasks:id",))

    given = []
    while (answer := ask(client, project, query)).status_code == 200:
        task = Task.objects.get(pk=answer.json()["id"])
        given.append(task.inner_id)
        make_completion(task, team.annotator)

    assert given == [5, 2]
    assert answer.status_code == 404
    assert answer.json()["reason"] == "none-chosen"


def test_filters_choose_too_and_what_somebody_else_has_in_hand_is_passed_over(team: Cast, api: ApiOf) -> None:
    project = team.project
    query = {
        "filters": {"items": [{"filter": "tasks:inner_id", "operator": "greater", "value": 3}]},
        "selectedItems": {"all": True, "excluded": numbers(project, 5)},
    }

    first = ask(api(team.annotator), project, query)
    second = ask(api(team.reviewer), project, query)
    third = ask(api(team.manager), project, query)

    assert [first.json()["id"], second.json()["id"]] == numbers(project, 4, 6)
    assert third.status_code == 404


def test_a_task_in_hand_from_the_queue_stays_out_of_the_chosen_ones(team: Cast, api: ApiOf) -> None:
    project = team.project
    in_hand = reserve_next(project=project, user=team.annotator)

    answer = ask(api(team.annotator), project, chosen(project, 4))
    again = ask(api(team.annotator), project, chosen(project, 4))

    assert answer.json()["id"] == again.json()["id"] == numbers(project, 4)[0] != in_hand
    assert Lease.objects.filter(user=team.annotator).count() == 2


def test_one_more_is_reserved_besides_the_one_in_hand(team: Cast, api: ApiOf) -> None:
    project, client = team.project, api(team.annotator)
    first = ask(client, project, chosen(project, 2, 3)).json()["id"]

    second = ask(client, project, chosen(project, 2, 3), besides=first).json()["id"]

    assert [first, second] == numbers(project, 2, 3)


def test_where_only_assigned_tasks_are_handed_out_choosing_gives_no_others(team: Cast, api: ApiOf) -> None:
    project = team.project
    Project.objects.filter(pk=project.pk).update(handing_out=HandingOut.ASSIGNED_ONLY)
    assign_tasks(
        project=project, task_ids=numbers(project, 3), user_ids=[team.annotator.pk], assigned_by=team.owner
    )

    answer = ask(api(team.annotator), project, chosen(project, 2, 3))

    assert answer.json()["id"] == numbers(project, 3)[0]


@pytest.mark.parametrize(
    "query",
    [
        "[]",
        "{",
        {"selectedItems": 1},
        {"ordering": ["-completed_by__password"]},
        {"filters": {"items": [{"filter": "secret", "operator": "equal", "value": 1}]}},
    ],
    ids=str,
)
def test_a_choice_that_is_wrong_is_refused_and_reserves_nothing(team: Cast, api: ApiOf, query: Any) -> None:
    answer = ask(api(team.annotator), team.project, query)

    assert answer.status_code == 400
    assert not Lease.objects.exists()
