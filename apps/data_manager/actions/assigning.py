"""Actions that say whose the tasks are to label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.data_manager.actions import action as batches
from apps.data_manager.actions.action import TaskAction, Work
from apps.data_manager.actions.option import Choice, Option
from apps.data_manager.listing import batches_of_ids
from apps.data_manager.models import ActionRun
from apps.projects.models import Project
from apps.projects.policy import Action as Right
from apps.projects.policy import roles_that_may
from apps.projects.queries import members_of
from apps.tasks.assigning import assign_tasks, unassign_tasks
from apps.tasks.models import Assignment, Task


def _assign(work: Work) -> None:
    people, done = work.options["users"], 0
    for ids in batches_of_ids(work.query, batches.BULK):
        with transaction.atomic():
            before = set(_assigned(work.project, ids, people))
            work.tally.processed += assign_tasks(
                project=work.project, task_ids=ids, user_ids=people, assigned_by=work.actor
            )
            added = [pair for pair in _assigned(work.project, ids, people) if pair not in before]
            if added:
                work.keep(pairs=added)
        done += len(ids)
        work.report(done)


def _unassign(work: Work) -> None:
    people, done = work.options["users"], 0
    for ids in batches_of_ids(work.query, batches.BULK):
        with transaction.atomic():
            before = _assigned(work.project, ids, people)
            work.tally.processed += unassign_tasks(
                project=work.project, task_ids=ids, user_ids=people, unassigned_by=work.actor
            )
            if before:
                work.keep(pairs=before)
        done += len(ids)
        work.report(done)


def _assigned(
    project: Project, task_ids: Sequence[int], people: Sequence[int] | None
) -> list[tuple[int, int]]:
    rows = Assignment.objects.filter(project=project, task_id__in=task_ids)
    if people:
        rows = rows.filter(user_id__in=people)
    return list(rows.order_by("task_id", "user_id").values_list("task_id", "user_id"))


def _unassign_again(run: ActionRun, step: Mapping[str, Any], actor: User) -> int:
    return sum(
        unassign_tasks(project=run.project, task_ids=task_ids, user_ids=[user_id], unassigned_by=actor)
        for user_id, task_ids in _by_person(step).items()
    )


def _assign_again(run: ActionRun, step: Mapping[str, Any], actor: User) -> int:
    present = {choice.value for choice in _people_who_label(run.project)}
    still = Task.objects.filter(project_id=run.project_id)
    return sum(
        assign_tasks(
            project=run.project, user_ids=[user_id], assigned_by=actor,
            task_ids=list(still.filter(pk__in=task_ids).order_by("pk").values_list("pk", flat=True)),
        )
        for user_id, task_ids in _by_person(step).items() if user_id in present
    )  # fmt: skip


def _by_person(step: Mapping[str, Any]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for task_id, user_id in step["pairs"]:
        found[user_id].append(task_id)
    return dict(found)


def _people_who_label(project: Project) -> list[Choice]:
    labeling = members_of(project).filter(role__in=roles_that_may(Right.LABEL), user__is_active=True)
    return [Choice(member.user_id, str(member.user)) for member in labeling]


def _people(project: Project) -> list[Choice]:
    return [Choice(member.user_id, str(member.user)) for member in members_of(project)]


ASSIGN = TaskAction(
    "assign", "Assign to people", 80, Right.CHANGE_TASKS,
    "Assign the selected tasks to people? Where the project's queue goes by assignment, only they get them.",
    "assignments made", None, _assign, undo=_unassign_again,
    options=(
        Option("users", "People", "select", "Each of them gets every selected task.",
               choices=_people_who_label, multiple=True),
    ),
)  # fmt: skip
UNASSIGN = TaskAction(
    "unassign", "Remove assignments", 81, Right.CHANGE_TASKS,
    "Take the selected tasks away from people they are assigned to? What they have answered stays.",
    "assignments removed", None, _unassign, undo=_assign_again,
    options=(
        Option("users", "People", "select", "From whom; none chosen: from everybody.",
               choices=_people, multiple=True, required=False),
    ),
)  # fmt: skip
