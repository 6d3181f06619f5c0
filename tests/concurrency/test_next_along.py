"""A first answer and the reservation of the next task go out in one round trip: both are done, or neither."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection

from apps.accounts.models import User
from apps.completions.models import Completion
from apps.completions.services import create_completion, submit_completion
from apps.data_manager.queries import NextAlong, next_or_why_not
from apps.projects.models import Project
from apps.projects.policy import Role
from apps.tasks.models import Lease, Task
from tests.concurrency.test_completions import assert_counted
from tests.factories import choice, make_member, make_project, reserve_task

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project() -> Project:
    return make_project(tasks=3, overlap=2)


@pytest.fixture
def tasks(project: Project) -> list[int]:
    return list(Task.objects.order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def person(project: Project) -> User:
    return make_member(project, Role.ANNOTATOR)


@pytest.fixture
def no_leases(transactional_db: None) -> Iterator[None]:
    """Let the database refuse every new reservation."""
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE FUNCTION refuse_lease() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'no leases today'; END $$;
            CREATE TRIGGER refuse_lease BEFORE INSERT ON tasks_lease
                FOR EACH ROW EXECUTE FUNCTION refuse_lease()
        """)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION refuse_lease CASCADE")


def submit_with_next(
    task: int, person: User, *, meanwhile: Callable[[], object] = lambda: None
) -> tuple[Completion, dict[str, Any]]:
    """Submit an answer as the label page does, and return the next task, too; `meanwhile` happens once before."""
    happenings = iter([meanwhile])

    def fields_for(_task: Task, _role: str) -> dict[str, Any]:
        next(happenings, lambda: None)()
        return {"result": choice()}

    along = NextAlong(person, None)
    completion, _ = submit_completion(
        task_id=task, completed_by=person, fields_for=fields_for, store_first=along.store
    )
    project = completion.task.project
    following = next_or_why_not(project, person, besides=None, choose=lambda: None, reserved=along.reserved)
    return completion, following


def test_it_takes_one_round_trip_beside_the_reading(project, tasks, person, django_assert_num_queries):
    reserve_task(project, person)
    with django_assert_num_queries(len(("task", "lock, store and reserve"))):
        completion, following = submit_with_next(tasks[0], person)
    assert Completion.objects.get() == completion
    assert following["task"]["id"] == tasks[1]
    assert list(Lease.objects.values_list("task_id", "user")) == [(tasks[1], person.pk)]
    assert_counted(project, overlap=2)


def test_progress_counts_the_answer_that_is_stored_with_it(project, tasks, person):
    Task.objects.update(overlap=1)
    _, following = submit_with_next(tasks[0], person)
    assert following["task"]["queue"] == "1/3"


def test_an_answer_that_must_wait_for_another_one_brings_the_task_behind_it(project, tasks, person):
    colleague = make_member(project, Role.ANNOTATOR)
    reserve_task(project, person)
    answer = partial(create_completion, task_id=tasks[0], completed_by=colleague, result=choice())

    _, following = submit_with_next(tasks[0], person, meanwhile=answer)

    assert following["task"]["id"] == tasks[1]
    assert list(Lease.objects.values_list("task_id", flat=True)) == [tasks[1]]
    assert_counted(project, overlap=2)


def test_an_answer_is_stored_when_no_next_task_can_be_reserved(project, tasks, person, no_leases, caplog):
    completion, following = submit_with_next(tasks[0], person)

    assert Completion.objects.get() == completion
    assert (following["task"], following["reason"]) == (None, "failed")
    assert "An answer is stored without a next task behind it" in caplog.text
    assert_counted(project, overlap=2)


def test_people_who_label_everything_this_way_answer_each_slot_once(together):
    project = make_project(tasks=24, overlap=2)
    people = [make_member(project, Role.ANNOTATOR) for _ in range(8)]
    given: list[tuple[int, int]] = []
    adding = threading.Lock()

    def work(person: User) -> None:
        task: int | None = reserve_task(project, person)
        while task is not None:
            with adding:
                given.append((task, person.pk))
            _, following = submit_with_next(task, person)
            task = following["task"] and following["task"]["id"]

    assert together([partial(work, person) for person in people]) == [None] * 8
    assert sorted(given) == sorted(Completion.objects.values_list("task_id", "completed_by_id"))
    assert len(set(given)) == len(given) == 48
    assert not Lease.objects.exists()
    assert_counted(project, overlap=2)
