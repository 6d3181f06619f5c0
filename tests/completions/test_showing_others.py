"""Annotators see the completions of others only where the project shows them."""

from __future__ import annotations

import pytest

from apps.completions.services import delete_completion
from apps.projects.services import update_project
from apps.tasks.models import Task
from tests.factories import assign, choice, make_completion


@pytest.fixture
def completion(cast):
    return make_completion(Task.objects.order_by("pk")[0], cast.reviewer)


def show(cast, shown: bool) -> None:
    update_project(project_id=cast.project.pk, show_completions_to_annotators=shown)


def seen(client, completion):
    task = client.get(f"/api/tasks/{completion.task_id}").json()
    return [row["id"] for row in task["annotations"]], task["annotators"]


def test_by_default_annotators_see_only_their_own(cast, api, completion):
    assign(completion.task, cast.annotator)
    assert seen(api(cast.annotator), completion) == ([], [])
    assert seen(api(cast.viewer), completion) == ([completion.pk], [cast.reviewer.pk])


def test_a_project_that_shows_them_shows_them_with_their_history(cast, api, completion):
    show(cast, True)
    client = api(cast.annotator)
    assert seen(client, completion) == ([completion.pk], [cast.reviewer.pk])
    assert client.get(f"/api/annotations/{completion.pk}").status_code == 200
    assert client.get(f"/api/annotations/{completion.pk}/history").status_code == 200
    delete_completion(completion_id=completion.pk, deleted_by=cast.reviewer)
    assert client.get(f"/api/annotations/{completion.pk}/history").status_code == 200


def test_what_is_shown_is_not_theirs_to_change(cast, api, completion):
    show(cast, True)
    client, address = api(cast.annotator), f"/api/annotations/{completion.pk}"
    assert client.patch(address, {"result": []}).status_code == 403
    assert client.delete(address).status_code == 403
    assert client.post(f"{address}/history/1/restore", {}).status_code == 403
    completion.refresh_from_db()
    assert (completion.result, completion.version) == (choice(), 1)


def test_strangers_see_nothing_of_it(cast, api, completion):
    show(cast, True)
    assert api(cast.stranger).get(f"/api/annotations/{completion.pk}").status_code == 404


def test_while_labeling_nobody_sees_the_answers_of_others(cast, api):
    update_project(project_id=cast.project.pk, show_completions_to_annotators=True, overlap=2)
    Task.objects.update(overlap=2)
    make_completion(Task.objects.order_by("pk")[0], cast.reviewer)
    given = api(cast.annotator).get(f"/api/projects/{cast.project.pk}/next").json()
    assert (given["inner_id"], given["annotations"]) == (1, [])


def test_it_is_a_setting_of_the_project(cast, api):
    address = f"/api/projects/{cast.project.pk}"
    assert api(cast.annotator).get(address).json()["show_completions_to_annotators"] is False
    changed = api(cast.manager).patch(address, {"show_completions_to_annotators": True})
    assert changed.json()["show_completions_to_annotators"] is True
    assert api(cast.annotator).patch(address, {"show_completions_to_annotators": False}).status_code == 403
    assert api(cast.annotator).get(address).json()["show_completions_to_annotators"] is True
