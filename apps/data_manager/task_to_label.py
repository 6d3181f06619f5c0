"""A task as one person is to label it, and what hangs on it: read each time somebody gets the next task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef, Subquery, Sum, TextField, Value
from django.db.models.functions import Cast, Concat

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.comments.queries import CommentCounts, comment_counts
from apps.completions.models import Draft
from apps.completions.queries import drafts_of
from apps.core.compiled_queries import CompiledRecords, number
from apps.core.errors import NotFound
from apps.projects.models import ProjectTally
from apps.tasks.models import Task


@dataclass(frozen=True, slots=True)
class TaskToLabel:
    """A task with the drafts that a person has of it, and how far its project is.

    Attributes:
        task: a record of it.
        progress: how many tasks of the project are labeled, a slash, and how many it has.
    """

    task: Any
    drafts: Sequence[Draft]
    comments: CommentCounts
    progress: str


_NOT_SHOWN = (
    "answers_count",
    "ground_truths_count",
    "sample_key",
    "external_id",
    "imported_by",
    "is_assigned",
)


@cache
def marked_task() -> CompiledRecords:
    """Return the query of a `task` that tells what `task_to_label` asks for a `user`: nothing more for most."""
    tasks = Task.objects.annotate(
        has_draft=Exists(Draft.objects.filter(task_id=OuterRef("pk"), user=number("user"))),
        has_comment=Exists(Comment.objects.filter(task_id=OuterRef("pk"))),
        progress=_progress(),
    )
    return CompiledRecords("task_to_label", tasks.defer(*_NOT_SHOWN).filter(pk=number("task")))


def _progress() -> Subquery:
    labeled, everything = (Cast(Sum(total), TextField()) for total in ("labeled_tasks", "tasks"))
    of_project = ProjectTally.objects.filter(project=OuterRef("project")).values("project")
    return Subquery(
        of_project.annotate(
            progress=Concat(labeled, Value("/"), everything, output_field=TextField())
        ).values("progress")
    )


def read_task_to_label(task_id: int, user: User) -> TaskToLabel:
    """Return a task that is reserved for `user`.

    Raises:
        NotFound: it was deleted since it was reserved.
    """
    return task_to_label(task_id, marked_task().first(task=task_id, user=user.pk), user)


def task_to_label(task_id: int, task: Any, user: User) -> TaskToLabel:
    """Return a task that is reserved for `user`, read as a `marked_task`: with their drafts and its comments, if any.

    Raises:
        NotFound: it was deleted since it was reserved, and not found.
    """
    if task is None:
        raise NotFound(f"Task {task_id} was deleted at this moment. Ask for the next task again.")
    drafts = drafts_of([task_id], user) if task.has_draft else []
    comments = comment_counts([task_id], user)[task_id] if task.has_comment else CommentCounts()
    return TaskToLabel(task, drafts, comments, task.progress or "0/0")
