"""What submitting and asking for the next task cost: the label stream does both a million times."""

from __future__ import annotations

import uuid

import pytest

from apps.completions.drafts import save_draft
from apps.completions.models import Completion, Draft, Revision
from apps.completions.services import create_completion, update_completion
from apps.tasks.models import Task
from apps.tasks.next_task import reserve_next
from tests.factories import choice, make_completion

TRANSACTION = 2  # savepoint and release, in a test


@pytest.fixture
def task(cast) -> Task:
    task: Task = Task.objects.select_related("project").order_by("pk")[0]
    return task


@pytest.mark.parametrize("has_draft", [False, True])
def test_submitting_takes_two_statements_with_a_draft_or_without(
    cast, task, django_assert_num_queries, has_draft
):
    if has_draft:
        save_draft(task_id=task.pk, user=cast.annotator, result=choice())

    with django_assert_num_queries(len(("lock", "store")) + TRANSACTION):
        create_completion(
            task_id=task.pk,
            completed_by=cast.annotator,
            client_id=uuid.uuid4(),
            session=uuid.uuid4(),
            result=choice(),
            lead_time=3.0,
        )

    assert not Draft.objects.exists()
    assert not Revision.objects.exists()


def test_changing_an_answer_takes_one_statement_for_the_earlier_version_and_one_for_the_draft(
    cast, task, django_assert_num_queries
):
    completion = make_completion(task, cast.annotator)

    with django_assert_num_queries(
        len(("id", "lock", "row", "draft", "keep", "save", "count")) + TRANSACTION
    ):
        update_completion(completion_id=completion.pk, updated_by=cast.annotator, result=choice("Negative"))

    assert Revision.objects.count() == 1


def test_asking_for_the_next_task_costs_nothing_more_for_its_drafts(
    cast, api, task, django_assert_num_queries
):
    client = api(cast.annotator)
    client.get("/api/current-user/whoami")
    asked = len(("token and project", "reserve"))

    with django_assert_num_queries(asked):
        first = client.get(f"/api/projects/{cast.project.pk}/next").json()
    save_draft(task_id=task.pk, user=cast.annotator, result=choice())
    with django_assert_num_queries(asked + len(("drafts",))):
        second = client.get(f"/api/projects/{cast.project.pk}/next").json()

    assert (first["id"], first["draft_exists"], first["drafts"]) == (task.pk, False, [])
    assert (second["id"], second["draft_exists"]) == (task.pk, True)
    assert [row["result"] for row in second["drafts"]] == [choice()]


def test_a_submit_over_the_api_takes_two_statements(cast, api, task, django_assert_num_queries):
    client = api(cast.annotator)
    client.get("/api/current-user/whoami")
    reserve_next(project=cast.project, user=cast.annotator)
    body = {"result": choice(), "unique_id": str(uuid.uuid4()), "lead_time": 1.0}

    submitting = len(("token and task", "store"))

    with django_assert_num_queries(submitting):  # and no transaction round them
        response = client.post(f"/api/tasks/{task.pk}/annotations/", body)

    assert response.status_code == 201
    assert Completion.objects.get().completed_by == cast.annotator
