"""Whoever gets no task is told why, how much there is, and when it is worth asking again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.projects.archiving import archive_project
from apps.projects.models import HandingOut
from apps.projects.policy import Role
from apps.tasks.assigning import assign_tasks
from apps.tasks.models import Lease, Task
from apps.tasks.next_task import reserve_next
from tests.factories import make_completion, make_member, make_project, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(api):
    """Return a function that asks for the next task when there is none, and returns what is answered."""

    def answer(project, person):
        response = api(person).get(f"/api/projects/{project.pk}/next")
        assert response.status_code == 404
        return response.json()

    return answer


def assign(project, person, *tasks) -> None:
    assign_tasks(
        project=project,
        task_ids=[task.pk for task in tasks],
        user_ids=[person.pk],
        assigned_by=owner_of(project),
    )


def test_without_tasks(ask):
    project = make_project()
    said = ask(project, make_member(project, Role.ANNOTATOR))
    assert (said["reason"], said["detail"]) == ("no-tasks", "This project has no tasks yet.")
    assert said["free_at"] is None
    assert said["counts"] == {
        "tasks": 0, "labeled": 0, "left": 0, "leased": 0, "assigned": 0, "assigned_left": 0
    }  # fmt: skip


def test_when_all_are_labeled(ask):
    project = make_project(tasks=1)
    person = make_member(project, Role.ANNOTATOR)
    make_completion(Task.objects.get(), person)
    said = ask(project, person)
    assert (said["reason"], said["detail"]) == ("all-labeled", "All 1 task are labeled.")


def test_when_others_have_the_rest_in_hand_it_says_until_when(ask):
    project = make_project(tasks=3)
    first, second, third = (make_member(project, Role.ANNOTATOR) for _ in range(3))
    make_completion(Task.objects.get(inner_id=1), third)
    reserve_next(project=project, user=first)
    reserve_next(project=project, user=second)
    soon = timezone.now() + timedelta(minutes=2)
    Lease.objects.filter(user=second).update(expires_at=soon)
    said = ask(project, third)
    assert (said["reason"], said["counts"]["leased"]) == ("all-leased", 2)
    assert said["free_at"] == soon.isoformat().replace("+00:00", "Z")
    assert said["detail"] == "2 tasks are left; other people are working on those you could take."


def test_what_others_have_in_hand_and_i_have_answered_is_no_reason_to_wait(ask):
    project = make_project(tasks=1, overlap=2)
    first, second = (make_member(project, Role.ANNOTATOR) for _ in range(2))
    make_completion(Task.objects.get(), first)
    reserve_next(project=project, user=second)
    said = ask(project, first)
    assert (said["reason"], said["free_at"]) == ("all-answered", None)
    assert said["detail"] == "You have answered every task; 1 waits for other people."


def test_when_nothing_is_assigned_to_me(ask):
    project = make_project(tasks=2, handing_out=HandingOut.ASSIGNED_ONLY)
    said = ask(project, make_member(project, Role.ANNOTATOR))
    assert (said["reason"], said["counts"]["assigned"]) == ("none-assigned", 0)
    assert said["detail"].startswith("No tasks are assigned to you.")


def test_when_i_have_done_what_is_assigned_to_me(ask):
    project = make_project(tasks=3, handing_out=HandingOut.ASSIGNED_ONLY)
    person = make_member(project, Role.ANNOTATOR)
    task = Task.objects.get(inner_id=1)
    assign(project, person, task)
    make_completion(task, person)
    said = ask(project, person)
    assert (said["reason"], said["counts"]["assigned"], said["counts"]["assigned_left"]) == (
        "all-answered", 1, 0
    )  # fmt: skip
    assert said["detail"] == (
        "You have answered what is assigned to you (1 task). 2 tasks are left for other people."
    )


def test_when_what_is_assigned_to_me_is_in_other_hands(ask):
    project = make_project(tasks=2, handing_out=HandingOut.ASSIGNED_ONLY)
    first, second = (make_member(project, Role.ANNOTATOR) for _ in range(2))
    task = Task.objects.get(inner_id=1)
    assign(project, first, task)
    assign(project, second, task)
    reserve_next(project=project, user=first)
    said = ask(project, second)
    assert (said["reason"], said["counts"]["leased"], said["counts"]["assigned_left"]) == ("all-leased", 1, 1)
    assert said["free_at"] is not None


def test_when_the_rest_is_kept_for_others(ask):
    project = make_project(tasks=1, handing_out=HandingOut.ASSIGNED_FIRST)
    first, second = (make_member(project, Role.ANNOTATOR) for _ in range(2))
    assign(project, first, Task.objects.get())
    said = ask(project, second)
    assert (said["reason"], said["detail"]) == (
        "none-assigned", "1 task is left, but kept for the people they are assigned to."
    )  # fmt: skip


def test_in_an_archived_project(ask):
    project = make_project(tasks=1)
    archive_project(project_id=project.pk, archived_by=None)
    said = ask(project, make_member(project, Role.ANNOTATOR))
    assert (said["reason"], said["counts"]["left"]) == ("archived", 1)
    assert not Lease.objects.exists()
