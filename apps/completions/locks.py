"""Every row lock of this app: a completion is locked by its task, which every writer of answers locks first."""

from __future__ import annotations

from apps.completions.models import Completion
from apps.core.errors import NotFound
from apps.tasks.locks import lock_task
from apps.tasks.models import Task


def lock_completion(completion_id: int) -> tuple[Task, Completion]:
    """Lock a completion's task and read the completion under that lock.

    Raises:
        NotFound: it was deleted.
    """
    task_id = Completion.objects.filter(pk=completion_id).values_list("task_id", flat=True).first()
    if task_id is None:
        raise NotFound(f"There is no completion {completion_id}.")
    task = lock_task(task_id)
    completion: Completion | None = Completion.objects.filter(pk=completion_id).first()
    if completion is None:
        raise NotFound(f"There is no completion {completion_id}.")
    return task, completion
