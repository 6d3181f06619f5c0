"""Why a person gets no task now, what there is, and when it may be worth asking again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps.accounts.models import User
from apps.core.counted import counted
from apps.projects.archiving import ARCHIVED
from apps.projects.models import HandingOut, Project
from apps.projects.queries import Totals

# What others have in hand and this person could answer. Leases are few: one or two for each person at work.
_IN_OTHER_HANDS = """
SELECT count(DISTINCT l.task_id), min(l.expires_at)
FROM tasks_lease l JOIN tasks_task t ON t.id = l.task_id
WHERE l.project_id = %(project)s AND l.user_id <> %(user)s AND l.expires_at >= now() AND NOT t.is_labeled
  AND (%(anybodys)s OR EXISTS (SELECT FROM tasks_assignment a WHERE a.task_id = t.id AND a.user_id = %(user)s))
  AND NOT EXISTS (
      SELECT FROM completions_completion c WHERE c.task_id = t.id AND c.completed_by_id = %(user)s
  )
"""
_MY_ASSIGNMENTS = """
SELECT count(*), count(*) FILTER (WHERE is_open) FROM tasks_assignment
WHERE project_id = %(project)s AND user_id = %(user)s
"""
_KEPT_FOR_OTHERS = """
SELECT EXISTS (
    SELECT FROM tasks_assignment a
    WHERE a.project_id = %(project)s AND a.user_id <> %(user)s AND a.is_open AND NOT EXISTS (
        SELECT FROM completions_completion c WHERE c.task_id = a.task_id AND c.completed_by_id = %(user)s
    )
)
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """What there is in a project whose queue has nothing for somebody.

    Attributes:
        left: tasks that need more answers.
        leased: those of them that other people have in hand and this person could answer.
        assigned: tasks that are assigned to this person.
        assigned_left: those of them that wait for their answer.
    """

    tasks: int
    labeled: int
    left: int
    leased: int = 0
    assigned: int = 0
    assigned_left: int = 0


@dataclass(frozen=True, slots=True)
class EmptyQueue:
    """Why a person gets no task now.

    Attributes:
        reason: "archived", "no-tasks", "all-labeled", "all-leased", "none-assigned" or "all-answered".
        message: the same as sentences for people.
        free_at: when the first task may come back to the queue, for "all-leased".
    """

    reason: str
    message: str
    counts: Counts
    free_at: datetime | None = None


def why_no_task(project: Project, user: User, totals: Totals) -> EmptyQueue:
    """Say why there is no next task of `project` for `user`."""
    counts = Counts(totals.tasks, totals.labeled_tasks, totals.tasks_left)
    if project.archived_at is not None:
        return EmptyQueue("archived", ARCHIVED, counts)
    if totals.tasks == 0:
        return EmptyQueue("no-tasks", "This project has no tasks yet.", counts)
    if totals.tasks_left == 0:
        return EmptyQueue("all-labeled", f"All {counted(totals.tasks, 'task')} are labeled.", counts)
    return _why_none_of_those_left(project, user, counts)


def _why_none_of_those_left(project: Project, user: User, counts: Counts) -> EmptyQueue:
    values = {
        "project": project.pk, "user": user.pk, "anybodys": project.handing_out != HandingOut.ASSIGNED_ONLY,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_IN_OTHER_HANDS, values)
        leased, free_at = cursor.fetchone()
        assigned = assigned_left = 0
        kept_for_others = False
        if project.handing_out != HandingOut.OPEN_QUEUE:
            cursor.execute(_MY_ASSIGNMENTS, values)
            assigned, assigned_left = cursor.fetchone()
            cursor.execute(_KEPT_FOR_OTHERS, values)
            (kept_for_others,) = cursor.fetchone()
    counts = Counts(counts.tasks, counts.labeled, counts.left, leased, assigned, assigned_left)
    left = f"{counted(counts.left, 'task')} {'is' if counts.left == 1 else 'are'} left"
    if leased:
        message = f"{left}; other people are working on those you could take."
        return EmptyQueue("all-leased", message, counts, free_at)
    if project.handing_out == HandingOut.ASSIGNED_ONLY and not assigned:
        message = f"No tasks are assigned to you. {left} in the project; ask a manager to assign you some."
        return EmptyQueue("none-assigned", message, counts)
    if project.handing_out == HandingOut.ASSIGNED_ONLY:
        message = f"You have answered what is assigned to you ({counted(assigned, 'task')}). {left} for other people."
        return EmptyQueue("all-answered", message, counts)
    if kept_for_others:
        return EmptyQueue("none-assigned", f"{left}, but kept for the people they are assigned to.", counts)
    wait = "waits" if counts.left == 1 else "wait"
    message = f"You have answered every task; {counts.left:,} {wait} for other people."
    return EmptyQueue("all-answered", message, counts)
