"""Writes that meet at the same moment lose nothing and count right."""

from __future__ import annotations

import uuid
from functools import partial

from apps.completions.models import Completion
from apps.completions.services import create_completion, delete_completion, update_completion
from apps.core.errors import Conflict
from apps.imports.services import import_rows
from apps.projects.membership import remove_member, set_member
from apps.projects.models import Membership
from apps.projects.policy import Role
from apps.projects.queries import totals_of
from apps.tasks.models import Task
from tests.factories import choice, make_completion, make_member, make_project, owner_of


def test_one_submit_sent_twenty_times_at_once_is_stored_once(together):
    project = make_project(tasks=1)
    person, task = make_member(project, Role.ANNOTATOR), Task.objects.get()
    submit = partial(
        create_completion, task_id=task.pk, completed_by=person, client_id=uuid.uuid4(), result=choice()
    )
    answers = together([submit] * 20)
    assert len({completion.pk for completion, _ in answers}) == 1
    assert sum(created for _, created in answers) == 1
    assert totals_of([project.pk])[project.pk].completions == 1


def test_counters_equal_a_recount_after_mixed_writes(together):
    project = make_project(tasks=4)
    people = [make_member(project, Role.ANNOTATOR) for _ in range(8)]
    tasks = list(Task.objects.order_by("pk"))

    def work(person):
        for task in tasks:
            completion = make_completion(task, person)
            update_completion(completion_id=completion.pk, updated_by=person, was_cancelled=bool(task.pk % 2))
            if person.pk % 3 == 0:
                delete_completion(completion_id=completion.pk, deleted_by=person)

    errors = [result for result in together([partial(work, person) for person in people]) if result]
    assert errors == []
    totals = totals_of([project.pk])[project.pk]
    assert totals.completions == Completion.objects.filter(was_cancelled=False).count()
    assert totals.skips == Completion.objects.filter(was_cancelled=True).count()
    assert totals.labeled_tasks == Task.objects.filter(is_labeled=True).count()
    for task in Task.objects.all():
        assert task.completions_count == Completion.objects.filter(task=task, was_cancelled=False).count()


def test_two_owners_who_leave_at_once_leave_one_owner(together):
    project = make_project()
    other = make_member(project, Role.MANAGER)
    set_member(project_id=project.pk, user=other, role=Role.OWNER)
    outcomes = together(
        partial(remove_member, project_id=project.pk, user_id=person.pk)
        for person in (owner_of(project), other)
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == sorted(["NoneType", Conflict.__name__])
    assert Membership.objects.filter(project=project, role=Role.OWNER).count() == 1


def test_imports_at_once_number_their_tasks_without_a_clash(together):
    project = make_project()
    rows = [{"text": str(number)} for number in range(50)]
    reports = together(
        [partial(import_rows, project=project, rows=rows, created_by=owner_of(project)) for _ in range(6)]
    )
    assert [report.task_count for report in reports] == [50] * 6
    assert Task.objects.values("inner_id").distinct().count() == 300
    assert totals_of([project.pk])[project.pk].tasks == 300
