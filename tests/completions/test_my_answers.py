"""What one answered in a project: the way back in the label stream, and how much it was since a moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.completions import answers_api
from apps.completions.models import Completion
from apps.completions.queries import count_since
from apps.tasks.models import Task
from tests.factories import make_completion, make_project, make_tasks


@pytest.fixture
def tasks(cast) -> list[Task]:
    return list(Task.objects.filter(project=cast.project).order_by("pk"))


def address(project) -> str:
    return f"/api/projects/{project.pk}/my-answers"


def test_my_answers_come_newest_first_and_those_of_others_do_not(cast, api, tasks):
    first = make_completion(tasks[0], cast.annotator)
    make_completion(tasks[1], cast.reviewer)
    second = make_completion(tasks[2], cast.annotator, was_cancelled=True, result=[])

    answers = api(cast.annotator).get(address(cast.project)).json()["answers"]

    assert [(row["id"], row["task"], row["was_cancelled"]) for row in answers] == [
        (second.pk, tasks[2].pk, True),
        (first.pk, tasks[0].pk, False),
    ]


def test_older_answers_follow_page_by_page_also_those_of_one_moment(cast, api, tasks, monkeypatch):
    monkeypatch.setattr(answers_api, "PAGE_SIZE", 2)
    made = [make_completion(task, cast.annotator).pk for task in tasks]
    Completion.objects.update(created_at=timezone.now())

    client = api(cast.annotator)
    latest = [row["id"] for row in client.get(address(cast.project)).json()["answers"]]
    older = client.get(f"{address(cast.project)}?before={latest[-1]}").json()["answers"]

    assert latest == [made[2], made[1]]
    assert [row["id"] for row in older] == [made[0]]


@pytest.mark.parametrize(("before", "status"), [("0", 400), ("x", 400), ("9" * 30, 400), ("999999999", 404)])
def test_an_answer_that_is_not_mine_is_refused_as_the_place_to_go_on_from(cast, api, before, status):
    answer = api(cast.annotator).get(f"{address(cast.project)}?before={before}")
    assert answer.status_code == status


def test_only_what_was_submitted_since_counts(cast, tasks):
    old, new, skipped = (make_completion(task, cast.annotator) for task in tasks)
    now = timezone.now()
    Completion.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=1))
    Completion.objects.filter(pk=skipped.pk).update(was_cancelled=True)
    [elsewhere] = make_tasks(make_project(), [{"text": "elsewhere"}])
    make_completion(elsewhere, cast.annotator)

    assert count_since(cast.project, cast.annotator, now - timedelta(hours=1)) == 1
    assert count_since(cast.project, cast.reviewer, now - timedelta(hours=1)) == 0
    assert Completion.objects.filter(pk=new.pk, was_cancelled=False).exists()
