"""Who has answered all that is open is told so at once, and gets at once what comes after."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.completions.services import delete_completion
from apps.projects.models import HandingOut, Project, Sampling
from apps.projects.policy import Role
from apps.tasks.frontiers import forget_returns
from apps.tasks.models import Lease, Task
from apps.tasks.next_task import reserve_next
from apps.tasks.services import create_task, set_overlap
from tests.factories import make_completion, make_member, make_project, owner_of

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Queue:
    """A project, and somebody who asks."""

    project: Project
    person: User


@pytest.fixture
def queue() -> Queue:
    """A project of overlap 2 whose four tasks the person has answered, and nobody else."""
    project = make_project(tasks=4, overlap=2)
    person = make_member(project, Role.ANNOTATOR)
    for task in Task.objects.order_by("pk"):
        make_completion(task, person)
    return Queue(project, person)


def asked(queue: Queue) -> tuple[int | None, int]:
    """Ask for the next task, and give it back; return it, and how many tasks were looked at without one's answer."""
    with CaptureQueriesContext(connection) as statements:
        task_id = reserve_next(project=queue.project, user=queue.person)
    Lease.objects.all().delete()
    return task_id, len(statements)


def test_without_anything_new_the_queue_is_not_walked_again(queue):
    assert asked(queue)[0] is None

    task_id, statements = asked(queue)

    assert (task_id, statements) == (
        None,
        2,
    )  # the walk behind the latest answer, and the look behind the frontier


@pytest.mark.parametrize("sampling", [Sampling.SEQUENTIAL, Sampling.UNIFORM, Sampling.PREDICTION_SCORE_MIN])
def test_a_new_task_is_handed_out(queue, sampling):
    queue.project.sampling = sampling
    assert asked(queue)[0] is None

    new = create_task(project=queue.project, data={"text": "new"})

    assert asked(queue)[0] == new.pk


def test_a_task_before_all_others_is_handed_out_when_its_import_ends_late(queue):
    assert asked(queue)[0] is None
    late = Task.objects.create(project=queue.project, inner_id=0, data={"text": "late"}, overlap=2)
    make_completion(create_task(project=queue.project, data={"text": "new"}), queue.person)

    assert asked(queue)[0] == late.pk


def test_an_answer_that_was_deleted_is_asked_for_again(queue):
    first = Task.objects.earliest("pk")
    assert asked(queue)[0] is None

    delete_completion(completion_id=first.completions.get().pk, deleted_by=owner_of(queue.project))

    assert asked(queue)[0] == first.pk


def test_a_labeled_task_that_needs_more_answers_is_handed_out(queue):
    others = [make_member(queue.project, Role.ANNOTATOR) for _ in range(2)]
    done = create_task(project=queue.project, data={"text": "done"})
    for other in others:
        make_completion(done, other)
    assert asked(queue)[0] is None

    set_overlap(project_id=queue.project.pk, task_ids=[done.pk], overlap=3)

    assert asked(queue)[0] == done.pk


def test_the_task_in_hand_does_not_count(queue):
    new = create_task(project=queue.project, data={"text": "new"})
    assert reserve_next(project=queue.project, user=queue.person) == new.pk
    for _ in range(2):
        assert reserve_next(project=queue.project, user=queue.person, besides=new.pk) is None
    Lease.objects.all().delete()

    assert asked(queue)[0] == new.pk


def test_a_task_in_other_hands_comes_when_they_give_it_back(queue):
    other = make_member(queue.project, Role.ANNOTATOR)
    new = create_task(project=queue.project, data={"text": "new"})
    set_overlap(project_id=queue.project.pk, task_ids=[new.pk], overlap=1)
    Lease.objects.all().delete()
    make_lease_of_everything(queue.project, other)
    assert reserve_next(project=queue.project, user=queue.person) is None

    Lease.objects.all().delete()

    assert asked(queue)[0] == new.pk


def make_lease_of_everything(project, person) -> None:
    while task_id := reserve_next(project=project, user=person):
        if Task.objects.get(pk=task_id).overlap == 1:
            return
        make_completion(Task.objects.get(pk=task_id), person)


def test_what_is_handed_out_is_what_a_look_at_all_tasks_finds_whatever_happens(queue):
    chooser, people = random.Random(5), [make_member(queue.project, Role.ANNOTATOR) for _ in range(2)]
    queue.project.handing_out = HandingOut.ASSIGNED_FIRST

    for _ in range(60):
        happen(queue.project, chooser, [queue.person, *people])
        found, _ = asked(queue)
        left = Task.objects.filter(project=queue.project, is_labeled=False).exclude(
            completions__completed_by=queue.person
        )
        assert (found is None) == (not left.exists())


def happen(project, chooser: random.Random, people) -> None:
    """Let a task come, be answered, lose an answer, or need another number of them."""
    tasks = list(Task.objects.filter(project=project).order_by("pk"))
    task, person = chooser.choice(tasks), chooser.choice(people)
    mine = task.completions.filter(completed_by=person).first()
    match chooser.randrange(5):
        case 0:
            create_task(project=project, data={"text": "new"})
        case 1 | 2 if mine is None:
            make_completion(task, person)
        case 3 if mine is not None:
            delete_completion(completion_id=mine.pk, deleted_by=owner_of(project))
        case _:
            set_overlap(project_id=project.pk, task_ids=[task.pk], overlap=chooser.randrange(1, 4))


def test_notes_of_what_came_back_are_forgotten_after_a_day(queue):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tasks_return")
        cursor.execute(
            "INSERT INTO tasks_return (project_id, inner_id, noted_at) VALUES (1, 1, now() - interval '25 h')"
        )
    create_task(project=queue.project, data={"text": "new"})

    assert (forget_returns(), forget_returns()) == (1, 0)
