"""Assigns tasks to people, and keeps up to date which assignments still wait for an answer.

Locks are taken in one order: memberships, tasks by id, assignments by task and person.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection, transaction

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import ValidationFailed
from apps.projects.models import Membership, Project
from apps.projects.policy import Action, roles_that_may
from apps.tasks.models import Lease

_LOCK_TASKS = """
SELECT count(*) FROM (
    SELECT id FROM tasks_task WHERE project_id = %(project)s AND id = ANY(%(tasks)s) ORDER BY id FOR NO KEY UPDATE
) locked
"""

# Whether a task waits for a person's answer. A skip is an answer, unless the project brings the task back to them.
_WAITS = """
NOT t.is_labeled AND NOT EXISTS (
    SELECT FROM completions_completion c
    WHERE c.task_id = t.id AND c.completed_by_id = {person}
      AND NOT (c.was_cancelled AND p.skip_rule = 'requeue_for_me')
)
"""

_ASSIGN = f"""
WITH new AS (
    INSERT INTO tasks_assignment (task_id, project_id, user_id, assigned_by_id, is_open)
    SELECT t.id, t.project_id, person.id, %(assigned_by)s, {_WAITS.format(person="person.id")}
    FROM tasks_task t JOIN projects_project p ON p.id = t.project_id CROSS JOIN unnest(%(users)s) AS person (id)
    WHERE t.project_id = %(project)s AND t.id = ANY(%(tasks)s)
    ORDER BY t.id, person.id
    ON CONFLICT (task_id, user_id) DO NOTHING
    RETURNING task_id
), marked AS (
    UPDATE tasks_task SET is_assigned = true WHERE id IN (SELECT task_id FROM new) AND NOT is_assigned
)
SELECT count(*), count(DISTINCT task_id) FROM new
"""  # noqa: S608 - its parts stand above

_UNASSIGN = """
WITH gone AS (
    DELETE FROM tasks_assignment WHERE id IN (
        SELECT id FROM tasks_assignment
        WHERE task_id = ANY(%(tasks)s) AND project_id = %(project)s
          AND (%(users)s::bigint[] IS NULL OR user_id = ANY(%(users)s))
        ORDER BY task_id, user_id FOR UPDATE
    ) RETURNING task_id
)
SELECT count(*), count(DISTINCT task_id) FROM gone
"""

_REFRESH = f"""
WITH present AS (
    SELECT a.id, a.is_open, {_WAITS.format(person="a.user_id")} AS waits
    FROM tasks_assignment a JOIN tasks_task t ON t.id = a.task_id JOIN projects_project p ON p.id = t.project_id
    WHERE a.task_id = ANY(%(tasks)s)
    ORDER BY a.task_id, a.user_id
    FOR NO KEY UPDATE OF a
)
UPDATE tasks_assignment a SET is_open = present.waits
FROM present WHERE a.id = present.id AND present.is_open <> present.waits
"""  # noqa: S608 - its parts stand above

_DROP = """
WITH gone AS (
    DELETE FROM tasks_assignment WHERE id IN (
        SELECT id FROM tasks_assignment
        WHERE user_id = %(user)s AND (%(project)s::bigint IS NULL OR project_id = %(project)s)
        ORDER BY task_id FOR UPDATE
    ) RETURNING project_id
)
SELECT project_id, count(*) FROM gone GROUP BY project_id ORDER BY project_id
"""


@transaction.atomic
def assign_tasks(
    *, project: Project, task_ids: Collection[int], user_ids: Collection[int], assigned_by: User
) -> int:
    """Assign each of the given tasks to each of the given people; return how many assignments are new.

    The number of statements does not grow with that of the tasks. Tasks of other projects are left out.

    Raises:
        ValidationFailed: somebody is not an active member who may label; then nothing is assigned.
    """
    people = sorted(set(user_ids))
    _require_labelers(project, people)
    parameters: dict[str, int | list[int]] = {
        "project": project.pk, "tasks": sorted(set(task_ids)), "users": people, "assigned_by": assigned_by.pk,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_TASKS, parameters)
        cursor.execute(_ASSIGN, parameters)
        assigned, tasks = cursor.fetchone()
    if assigned:
        record(
            AuditAction.TASKS_CHANGED, actor=assigned_by, project_id=project.pk,
            after={"assigned_to": people, "tasks": tasks, "assignments": assigned},
        )  # fmt: skip
    return int(assigned)


@transaction.atomic
def unassign_tasks(
    *,
    project: Project,
    task_ids: Collection[int],
    user_ids: Collection[int] | None,
    unassigned_by: User | None = None,
) -> int:
    """Take the given tasks from the given people (None: from everybody); return how many assignments are gone.

    Who has such a task in hand may finish it.
    """
    parameters: dict[str, int | list[int] | None] = {
        "project": project.pk,
        "tasks": sorted(set(task_ids)),
        "users": None if user_ids is None else sorted(set(user_ids)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_TASKS, parameters)
        cursor.execute(_UNASSIGN, parameters)
        gone, tasks = cursor.fetchone()
    if gone:
        record(
            AuditAction.TASKS_CHANGED, actor=unassigned_by, project_id=project.pk,
            before={"assigned_to": parameters["users"], "tasks": tasks, "assignments": gone},
        )  # fmt: skip
    return int(gone)


def refresh_assignments(task_ids: Collection[int]) -> None:
    """Bring in step which assignments of locked tasks still wait, after answers or the tasks' state changed."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, {"tasks": list(task_ids)})


def give_up_work(*, project_id: int | None, user: User, ended_by: User | None) -> None:
    """Take what is assigned to or reserved for somebody who may label no more, in a project (None: everywhere)."""
    leases = Lease.objects.filter(user=user)
    (leases if project_id is None else leases.filter(project_id=project_id)).delete()
    with connection.cursor() as cursor:
        cursor.execute(_DROP, {"user": user.pk, "project": project_id})
        gone = cursor.fetchall()
    for of_project, assignments in gone:
        record(
            AuditAction.TASKS_CHANGED, actor=ended_by, target=user, project_id=of_project,
            before={"assigned_to": [user.pk], "tasks": assignments, "assignments": assignments},
        )  # fmt: skip


def give_up_work_everywhere(*, person: User, ended_by: User | None, erased: bool) -> None:
    """Take all work from somebody whose access ends."""
    give_up_work(project_id=None, user=person, ended_by=ended_by)


def _require_labelers(project: Project, user_ids: list[int]) -> None:
    """Let pass people who label in a project, and keep them from leaving it until the transaction ends."""
    members = Membership.objects.select_for_update(of=("self",), no_key=True).filter(
        project=project, user_id__in=user_ids, user__is_active=True, role__in=roles_that_may(Action.LABEL)
    )
    labelers = set(members.order_by("pk").values_list("user_id", flat=True))
    if unfit := [str(pk) for pk in user_ids if pk not in labelers]:
        people = f"User {unfit[0]} does" if len(unfit) == 1 else f"Users {', '.join(unfit)} do"
        message = f"{people} not label in this project. Add them as annotators first."
        raise ValidationFailed(message, fields={"users": [message]})
