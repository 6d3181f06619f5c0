"""Annotators find their own tasks: over REST and on the pages the same ones, and no others, by no way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.completions.drafts import save_draft
from apps.completions.services import delete_completion
from apps.predictions.services import save_prediction
from apps.projects.models import HandingOut
from apps.projects.policy import Role
from apps.tasks.leases import release_lease
from apps.tasks.models import Lease, Task
from apps.tasks.next_task import reserve_next
from tests.cast import Cast
from tests.factories import assign, choice, make_comment, make_completion, make_member, make_tasks

ApiOf = Callable[[User | None], APIClient]

OWN = ("answered", "skipped", "begun", "handed out", "assigned", "mentioned", "commented", "deleted")
OTHERS = ("answered by others", "open")


@pytest.fixture
def tasks(cast: Cast) -> dict[str, Task]:
    """One task for each way in which a task becomes the annotator's, and those that are not."""
    cast.project.tasks.all().delete()
    names = ("handed out", *(name for name in OWN if name != "handed out"), *OTHERS)
    found = dict(zip(names, make_tasks(cast.project, [{"text": name} for name in names]), strict=True))
    assert reserve_next(project=cast.project, user=cast.annotator) == found["handed out"].pk
    make_completion(found["answered"], cast.annotator)
    make_completion(found["skipped"], cast.annotator, was_cancelled=True)
    save_draft(task_id=found["begun"].pk, user=cast.annotator, result=choice())
    assign(found["assigned"], cast.annotator)
    make_comment(found["commented"], cast.annotator)
    make_comment(found["mentioned"], cast.reviewer, f"Please look, @{cast.annotator.email}")
    make_completion(found["answered by others"], cast.reviewer)
    deleted = make_completion(found["deleted"], cast.annotator)
    delete_completion(completion_id=deleted.pk, deleted_by=cast.manager)
    return found


def texts(client: APIClient, address: str) -> set[str]:
    """Return which tasks a list has."""
    body: Any = client.get(address).json()
    return {task["data"]["text"] for task in (body if isinstance(body, list) else body["tasks"])}


def test_annotators_list_what_they_answered_or_began_and_what_is_meant_for_them(
    cast: Cast, tasks: dict[str, Task], api: ApiOf
) -> None:
    client = api(cast.annotator)

    assert texts(client, f"/api/tasks/?project={cast.project.pk}") == set(OWN)
    assert texts(client, f"/api/projects/{cast.project.pk}/tasks/") == set(OWN)
    assert client.get(f"/api/tasks/?project={cast.project.pk}&page_size=1").json()["total"] == len(OWN)


@pytest.mark.parametrize("person", ["owner", "manager", "reviewer", "viewer", "administrator"])
def test_everybody_else_lists_all_tasks(cast: Cast, tasks: dict[str, Task], api: ApiOf, person: str) -> None:
    client = api(getattr(cast, person))

    assert texts(client, f"/api/tasks/?project={cast.project.pk}") == {*OWN, *OTHERS}


def test_what_is_of_one_annotator_is_not_of_another(cast: Cast, tasks: dict[str, Task], api: ApiOf) -> None:
    other = make_member(cast.project, Role.ANNOTATOR)

    assert texts(api(other), f"/api/tasks/?project={cast.project.pk}") == set()


def test_annotators_who_see_others_completions_see_all_tasks(
    cast: Cast, tasks: dict[str, Task], api: ApiOf
) -> None:
    type(cast.project).objects.filter(pk=cast.project.pk).update(show_completions_to_annotators=True)

    assert texts(api(cast.annotator), f"/api/tasks/?project={cast.project.pk}") == {*OWN, *OTHERS}


def test_own_tasks_come_in_pages_in_both_directions_each_once(
    cast: Cast, tasks: dict[str, Task], api: ApiOf
) -> None:
    make_comment(tasks["answered"], cast.annotator)  # their own for two reasons
    client, own = api(cast.annotator), sorted(tasks[name].pk for name in OWN)

    def pages(order: str) -> list[int]:
        address = f"/api/tasks/?project={cast.project.pk}&include=id&page_size=3&ordering={order}"
        bodies = [client.get(f"{address}&page={page}").json() for page in (1, 2, 3)]
        assert [body["total"] for body in bodies] == [len(OWN)] * 3
        return [task["id"] for body in bodies for task in body["tasks"]]

    assert (pages("id"), pages("-id")) == (own, own[::-1])


def test_no_filter_order_selection_or_saved_tab_leads_out_of_ones_own_tasks(
    cast: Cast, tasks: dict[str, Task], api: ApiOf
) -> None:
    client, address = api(cast.annotator), f"/api/tasks/?project={cast.project.pk}"
    either = {"conjunction": "or", "items": [
        {"filter": "data.text", "operator": "equal", "value": name} for name in ("open", "answered")
    ]}  # fmt: skip
    tab = client.post(
        "/api/dm/views/", {"project": cast.project.pk, "data": {"filters": either}}, format="json"
    ).json()
    chosen = {"all": False, "included": [tasks["open"].pk, tasks["skipped"].pk]}

    assert texts(client, f"{address}&query={json.dumps({'filters': either})}") == {"answered"}
    assert texts(client, f"/api/tasks/?view={tab['id']}") == {"answered"}
    assert texts(client, f"{address}&query={json.dumps({'selectedItems': chosen})}") == {"skipped"}
    assert texts(client, f"{address}&ordering=-data.text") == set(OWN)


def test_a_task_that_is_not_ones_own_cannot_be_read_by_its_id(
    cast: Cast, tasks: dict[str, Task], api: ApiOf
) -> None:
    client = api(cast.annotator)

    codes = {name: client.get(f"/api/tasks/{task.pk}/").status_code for name, task in tasks.items()}

    assert codes == dict.fromkeys(OWN, 200) | dict.fromkeys(OTHERS, 404)


def test_comments_predictions_and_assignments_of_tasks_that_are_not_ones_own_do_not_exist(
    cast: Cast, tasks: dict[str, Task], api: ApiOf
) -> None:
    client = api(cast.annotator)
    for name in ("answered", "open"):
        make_comment(tasks[name], cast.reviewer)
        save_prediction(task_id=tasks[name].pk, result=choice())
        assign(tasks[name], cast.reviewer)

    def seen(kind: str, place: str) -> set[int]:
        return {row["task"] for row in client.get(f"/api/{kind}?{place}").json()}

    whole, own, other = f"project={cast.project.pk}", tasks["answered"].pk, tasks["open"].pk
    assert seen("predictions", whole) == {own}
    assert seen("comments", whole) == {own, tasks["mentioned"].pk, tasks["commented"].pk}
    assert seen("predictions", f"task={other}") == seen("comments", f"task={other}") == set()
    assert client.get(f"/api/tasks/{own}/assignments").status_code == 200
    assert client.get(f"/api/tasks/{other}/assignments").status_code == 404
    type(cast.project).objects.filter(pk=cast.project.pk).update(show_completions_to_annotators=True)
    assert seen("predictions", whole) == {own, other}


def test_what_was_handed_out_and_given_back_is_nobodys_own(
    cast: Cast, tasks: dict[str, Task], api: ApiOf
) -> None:
    release_lease(task_id=tasks["handed out"].pk, user_id=cast.annotator.pk)

    assert api(cast.annotator).get(f"/api/tasks/{tasks['handed out'].pk}/").status_code == 404


def test_the_label_stream_over_a_query_still_hands_out_tasks_that_were_nobodys(
    cast: Cast, tasks: dict[str, Task], api: ApiOf
) -> None:
    query = json.dumps({"selectedItems": {"all": False, "included": [tasks["open"].pk]}})

    answer = api(cast.annotator).get(f"/api/projects/{cast.project.pk}/next?query={query}")

    assert answer.json()["id"] == tasks["open"].pk


def test_the_pages_show_an_annotator_the_same_tasks(
    cast: Cast, tasks: dict[str, Task], browser_of: Any
) -> None:
    browser, address = browser_of(cast.annotator), f"/projects/{cast.project.pk}/tasks"

    page = browser.get(address)
    codes = {name: browser.get(f"{address}/{task.pk}").status_code for name, task in tasks.items()}

    assert {row.id for row in page.context["rows"]} == {tasks[name].pk for name in OWN}
    assert f"{len(OWN)} tasks of yours" in page.content.decode()
    assert codes == dict.fromkeys(OWN, 200) | dict.fromkeys(OTHERS, 404)


def test_the_page_tells_an_annotator_without_tasks_where_they_come_from(cast: Cast, browser_of: Any) -> None:
    page = browser_of(cast.annotator).get(f"/projects/{cast.project.pk}/tasks")

    assert "No tasks of yours yet" in page.content.decode()


def test_a_tasks_page_leads_an_annotator_from_own_task_to_own_task(
    cast: Cast, tasks: dict[str, Task], browser_of: Any
) -> None:
    own = sorted(tasks[name].pk for name in OWN)
    address = f"/projects/{cast.project.pk}/tasks"
    browser = browser_of(cast.annotator)

    first, last = browser.get(f"{address}/{own[0]}").context, browser.get(f"{address}/{own[-1]}").context

    assert (first["previous"], first["next"]) == (None, own[1])
    assert (last["previous"], last["next"]) == (own[-2], None)


def test_a_link_to_an_open_task_reserves_it_for_the_annotator(
    cast: Cast, tasks: dict[str, Task], browser_of: Any
) -> None:
    page = browser_of(cast.annotator).get(f"/projects/{cast.project.pk}/label?task={tasks['open'].pk}")

    assert page.status_code == 200
    assert Lease.objects.filter(task=tasks["open"], user=cast.annotator).exists()


def test_a_link_to_a_task_that_the_queue_would_not_hand_out_opens_nothing(
    cast: Cast, tasks: dict[str, Task], browser_of: Any
) -> None:
    browser, address = browser_of(cast.annotator), f"/projects/{cast.project.pk}/label?task="
    labeled = browser.get(f"{address}{tasks['answered by others'].pk}")
    type(cast.project).objects.filter(pk=cast.project.pk).update(handing_out=HandingOut.ASSIGNED_ONLY)
    unassigned = browser.get(f"{address}{tasks['open'].pk}")

    assert (labeled.status_code, unassigned.status_code) == (404, 404)
    assert list(Lease.objects.values_list("task_id", flat=True)) == [tasks["handed out"].pk]
