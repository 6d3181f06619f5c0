"""A task as one person is to label it, and what they left of it: read each time somebody gets the next task."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef

from apps.accounts.models import User
from apps.completions.models import Draft
from apps.completions.queries import drafts_of
from apps.core.compiled_queries import CompiledQuery, number
from apps.core.errors import NotFound
from apps.tasks.models import Task


@cache
def _task_with_draft_mark() -> CompiledQuery[Any]:
    drafts = Draft.objects.filter(task_id=OuterRef("pk"), user=number("user"))
    tasks = Task.objects.annotate(has_draft=Exists(drafts))
    return CompiledQuery("task_to_label", tasks.filter(pk=number("task")))


def task_and_drafts_of(task_id: int, user: User) -> tuple[Task, Sequence[Draft]]:
    """Return a task that is reserved for `user`, and their drafts of it: one read where there are none.

    Raises:
        NotFound: it was deleted since it was reserved.
    """
    task = _task_with_draft_mark().first(task=task_id, user=user.pk)
    if task is None:
        raise NotFound(f"Task {task_id} was deleted at this moment. Ask for the next task again.")
    return task, drafts_of([task_id], user) if task.has_draft else []
