"""The first answer to a task is stored without a lock held over the request: what happens meanwhile is noticed.

What others do between the reading of the task and the storing of its answer happens here when the fields are asked for.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from apps.accounts.models import User
from apps.completions.drafts import AlreadySubmitted, save_draft
from apps.completions.models import Completion, Draft
from apps.completions.revisions import ClientIdReused
from apps.completions.services import create_completion, submit_completion
from apps.core.errors import NotAllowed, NotFound, ValidationFailed
from apps.core.prepared import Prepared
from apps.projects.archiving import archive_project
from apps.projects.config_changing import OnImpact
from apps.projects.models import Project, SkipRule
from apps.projects.policy import Role
from apps.projects.queries import totals_of
from apps.projects.services import update_project
from apps.tasks.locks import lock_task
from apps.tasks.models import Lease, Task
from apps.tasks.services import delete_batch
from tests.concurrency.test_completions import assert_counted
from tests.factories import assign, choice, make_member, make_project, owner_of, reserve_task

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project() -> Project:
    return make_project(tasks=1, overlap=2)


@pytest.fixture
def task(project: Project) -> Task:
    return Task.objects.get()


@pytest.fixture
def person(project: Project) -> User:
    return make_member(project, Role.ANNOTATOR)


def submit(
    task: Task, person: User, *, meanwhile: Callable[[], object] = lambda: None, **fields: Any
) -> tuple[Completion, bool]:
    """Submit an answer; `meanwhile` happens once, when the task has been read."""
    happenings = iter([meanwhile])

    def fields_for(_task: Task, _role: str) -> dict[str, Any]:
        next(happenings, lambda: None)()
        return {"result": choice(), **fields}

    return submit_completion(task_id=task.pk, completed_by=person, fields_for=fields_for)


def test_it_takes_one_round_trip_beside_the_reading(task, person, django_assert_num_queries):
    submit(task, person)
    other = Task.objects.create(project=task.project, data={"text": "Next"}, inner_id=2, overlap=2)
    with django_assert_num_queries(len(("task", "lock and store"))):
        _, is_new = submit(other, person)
    assert is_new
    assert_counted(task.project, overlap=2)


def test_an_answer_that_somebody_else_gives_meanwhile_is_counted_too(task, person, project):
    colleague = make_member(project, Role.ANNOTATOR)
    submit(task, person, meanwhile=partial(submit, task, colleague))
    assert set(Completion.objects.values_list("completed_by", flat=True)) == {person.pk, colleague.pk}
    assert_counted(project, overlap=2)


def test_an_answer_is_judged_by_the_config_that_is_saved_meanwhile(task, person, project):
    config = project.label_config.replace("Positive", "Splendid")
    change = partial(update_project, project_id=project.pk, label_config=config, on_impact=OnImpact.KEEP)
    completion, _ = submit(task, person, meanwhile=change)
    assert completion.config_version == 2
    assert any("Positive" in warning for warning in completion.warnings)


def test_a_project_that_becomes_strict_meanwhile_refuses_what_does_not_fit(task, person, project):
    change = partial(update_project, project_id=project.pk, strict_results=True)
    with pytest.raises(ValidationFailed):
        submit(task, person, meanwhile=change, result=choice("Unheard of"))
    assert not Completion.objects.exists()


def test_a_skip_counts_by_the_rule_that_is_chosen_meanwhile(task, person, project):
    Task.objects.update(overlap=1)
    change = partial(update_project, project_id=project.pk, skip_rule=SkipRule.IGNORE_SKIPPED)
    submit(task, person, meanwhile=change, was_cancelled=True)
    task.refresh_from_db()
    assert task.is_labeled


def test_a_project_that_is_archived_meanwhile_takes_no_answer_and_keeps_the_draft(task, person, project):
    save_draft(task_id=task.pk, user=person, result=choice())
    reserve_task(project, person)
    archive = partial(archive_project, project_id=project.pk, archived_by=owner_of(project))
    with pytest.raises(NotAllowed, match="archived"):
        submit(task, person, meanwhile=archive)
    assert Draft.objects.exists()
    assert Lease.objects.exists()
    assert not Completion.objects.exists()


def test_a_task_that_is_deleted_meanwhile_is_404(task, person, project):
    with pytest.raises(NotFound):
        submit(task, person, meanwhile=partial(delete_batch, project_id=project.pk, task_ids=[task.pk]))
    assert totals_of([project.pk])[project.pk].completions == 0


def test_a_task_that_is_assigned_meanwhile_brings_its_assignment_in_step(task, person, project):
    submit(task, person, meanwhile=partial(assign, task, person))
    assert_counted(project, overlap=2)
    assert not task.assignments.filter(is_open=True).exists()


def test_a_draft_that_is_saved_meanwhile_goes_with_the_submit(task, person):
    submit(task, person, meanwhile=partial(save_draft, task_id=task.pk, user=person, result=choice()))
    assert not Draft.objects.exists()


def test_the_same_answer_that_arrives_meanwhile_is_stored_once(task, person):
    client_id = uuid.uuid4()
    again = partial(submit, task, person, client_id=client_id)
    completion, is_new = submit(task, person, meanwhile=again, client_id=client_id)
    assert not is_new
    assert Completion.objects.get() == completion


def test_an_id_of_another_answer_is_refused_and_draft_and_reservation_stay(task, person, project):
    other = Task.objects.create(project=project, data={"text": "Other"}, inner_id=2, overlap=2)
    client_id = uuid.uuid4()
    reserve_task(project, person)
    save_draft(task_id=task.pk, user=person, result=choice())
    meanwhile = partial(
        create_completion, task_id=other.pk, completed_by=person, client_id=client_id, result=choice()
    )
    with pytest.raises(ClientIdReused):
        submit(task, person, meanwhile=meanwhile, client_id=client_id)
    assert Draft.objects.filter(task=task).exists()
    assert Lease.objects.filter(task=task).exists()
    assert_counted(project, overlap=2)


def test_a_task_that_somebody_holds_locked_is_waited_for(task, person, project):
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock_task(task.pk)
            locked.set()
            release.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(30)
    threading.Timer(0.2, release.set).start()

    _, is_new = submit(task, person)

    assert release.is_set()
    holder.join(30)
    assert is_new
    assert_counted(project, overlap=2)


def test_one_answer_sent_twenty_times_at_once_is_stored_once(together, task, person, project):
    outcomes = together([partial(submit, task, person, client_id=uuid.UUID(int=7))] * 20)
    assert sorted(is_new for _, is_new in outcomes) == [False] * 19 + [True]
    assert Completion.objects.count() == 1
    assert_counted(project, overlap=2)


def test_one_id_for_many_tasks_at_once_is_stored_once(together, person, project):
    tasks = [
        Task.objects.create(project=project, data={"text": "A task"}, inner_id=number, overlap=2)
        for number in range(2, 12)
    ]
    for task in tasks:
        save_draft(task_id=task.pk, user=person, result=choice())
    outcomes = together([partial(submit, task, person, client_id=uuid.UUID(int=8)) for task in tasks])
    assert sum(isinstance(outcome, ClientIdReused) for outcome in outcomes) == 9
    assert Completion.objects.count() == 1
    assert Draft.objects.count() == 9  # of those that were refused
    assert_counted(project, overlap=2)


def test_a_draft_that_arrives_with_its_submit_is_not_left_behind(together):
    project = make_project(tasks=12)
    person = make_member(project, Role.ANNOTATOR)
    for task in Task.objects.order_by("pk"):
        client_id = uuid.uuid4()
        save = partial(save_draft, task_id=task.pk, user=person, client_id=client_id, result=choice())
        outcomes = together([save] * 3 + [partial(submit, task, person, client_id=client_id)])
        errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert all(isinstance(error, AlreadySubmitted) for error in errors)
    assert Completion.objects.count() == 12
    assert not Draft.objects.exists()


def test_twenty_people_who_answer_the_same_tasks_at_once_are_all_counted(together):
    project = make_project(tasks=10, overlap=20)
    people = [make_member(project, Role.ANNOTATOR) for _ in range(20)]
    tasks = list(Task.objects.order_by("pk"))

    def answer_all(person: User) -> None:
        for task in tasks:
            submit(task, person)

    assert together([partial(answer_all, person) for person in people]) == [None] * 20
    assert Completion.objects.count() == 200
    assert_counted(project, overlap=20)


def test_a_statement_behind_another_one_sees_what_was_committed_while_that_one_waited(task):
    """Two statements that go out together have a snapshot each, as the lock and the storing of an answer need it."""
    lock = Prepared("lock_first", "SELECT FROM tasks_task WHERE id = %(task)s::bigint FOR NO KEY UPDATE")
    read = Prepared(
        "then_read", "SELECT comments FROM (SELECT count(*) AS comments FROM completions_draft) d", first=lock
    )
    locked, waiting = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock_task(task.pk)
            locked.set()
            waiting.wait(30)
            Draft.objects.create(task=task, user=owner_of(task.project), result=[])
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(30)
    threading.Timer(0.3, waiting.set).start()

    assert read.row(task=task.pk) == (1,)
    holder.join(30)
