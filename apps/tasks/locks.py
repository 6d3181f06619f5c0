"""Every row lock of this app, in primary-key order, held until the transaction ends."""

from __future__ import annotations

from collections.abc import Collection

from apps.core.errors import NotFound
from apps.tasks.models import Task


def lock_task(task_id: int) -> Task:
    """Lock a task whose answers are about to change, and read its project's rules.

    Raises:
        NotFound: it was deleted in the meantime.
    """
    tasks = Task.objects.select_for_update(of=("self",), no_key=True).select_related("project")
    task: Task | None = tasks.filter(pk=task_id).first()
    if task is None:
        raise NotFound(f"There is no task {task_id}.")
    return task


def lock_tasks(task_ids: Collection[int]) -> list[Task]:
    """Lock those of the given tasks that still exist."""
    return list(Task.objects.select_for_update(no_key=True).filter(pk__in=task_ids).order_by("pk"))
