"""Every row lock of this app, in primary-key order, held until the transaction ends."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from django.db import connection

from apps.accounts.models import User
from apps.core.compiled_queries import CompiledQuery, number
from apps.core.errors import NotFound
from apps.core.prepared import Prepared
from apps.tasks.models import Task
from apps.tasks.queries import found_for, tasks_to_answer, with_known_role

LOCK_TASK = Prepared(
    "lock_task_only", "SELECT FROM tasks_task WHERE id = %(task_id)s::bigint FOR NO KEY UPDATE"
)
"""Locks a task as the first part of a statement that changes its answers."""


@cache
def _locked_task() -> CompiledQuery[Task]:
    tasks = Task.objects.select_for_update(of=("self",), no_key=True).select_related("project")
    return CompiledQuery("lock_task", tasks.filter(pk=number("task")))


def lock_task(task_id: int) -> Task:
    """Lock a task whose answers are about to change, and read its project's rules.

    Raises:
        NotFound: it was deleted in the meantime.
    """
    task = _locked_task().first(task=task_id)
    if task is None:
        raise NotFound(f"There is no task {task_id}.")
    return task


@cache
def _locked_task_as(user_role: str) -> CompiledQuery[Any]:
    answered = tasks_to_answer(User(pk=number("user"), role=user_role))
    locked = answered.select_for_update(of=("self",), no_key=True)
    return CompiledQuery("lock_task_as", locked.filter(pk=number("task")))


def lock_task_as(user: User, task_id: int) -> tuple[Task, str]:
    """Lock a task that `user` may see; return it, with its project's rules, and their role there.

    Raises:
        NotFound: there is none.
    """
    return with_known_role(found_for(_locked_task_as, user, task_id))


def lock_tasks(task_ids: Collection[int]) -> list[Task]:
    """Lock those of the given tasks that still exist."""
    return list(Task.objects.select_for_update(no_key=True).filter(pk__in=task_ids).order_by("pk"))


_WRITING_TASKS = """
SELECT virtualtransaction FROM pg_locks
WHERE relation = 'tasks_task'::regclass AND mode IN ('RowShareLock', 'RowExclusiveLock') AND pid <> pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def transactions_writing_tasks() -> set[str]:
    """Return the names of the transactions that have locked or written tasks and are still open.

    Everything that stores answers does so: a submit locks the task, an import copies tasks. Postgres takes that lock
    on the table before the statement looks at any row, so who has read a project's settings beside a task is listed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WRITING_TASKS)
        return {str(name) for (name,) in cursor.fetchall()}
