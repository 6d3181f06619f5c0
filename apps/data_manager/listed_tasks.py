"""The tasks of a page as documents, with no more read than is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.completions.models import Draft
from apps.core.compiled_queries import CompiledRecords, number, numbers
from apps.data_manager.documents import comments_on, full_task_documents, task_document
from apps.tasks.models import Task

ONLY_ID = frozenset({"id"})
"""Fields for which no task is read at all."""

ANSWER_FIELDS = frozenset(
    {
        "annotations", "predictions", "drafts", "draft_exists", "annotators", "annotations_ids",
        "predictions_model_versions", "avg_lead_time",
    }
)  # fmt: skip
"""The fields of a TASK object for which its answers are read."""


def listed_documents(
    task_ids: Sequence[int], user: User, *, fields: frozenset[str] | None = None, with_answers: bool = True
) -> list[dict[str, Any]]:
    """Return the tasks of a page in their order, with no more read than is asked for.

    Args:
        fields: the fields to return; None: all.
        with_answers: whether the answers are among all fields.
    """
    if fields == ONLY_ID:
        return [{"id": pk} for pk in task_ids]
    tasks = _tasks_in_order(task_ids, user)
    wants_answers = with_answers if fields is None else bool(fields & ANSWER_FIELDS)
    documents = full_task_documents(tasks, user) if wants_answers else _plain_documents(tasks, user)
    if fields is None:
        return documents
    return [{name: value for name, value in row.items() if name in fields} for row in documents]


def _plain_documents(tasks: Sequence[Any], user: User) -> list[dict[str, Any]]:
    comments = comments_on(tasks, user)
    return [task_document(task, comments[task.pk]) for task in tasks]


_NOT_SHOWN = (
    "answers_count", "ground_truths_count", "sample_key", "external_id", "imported_by", "is_assigned",
)  # fmt: skip


@cache
def _marked_tasks() -> CompiledRecords:
    """Return the query of `tasks` that tells which of them have drafts of a `user`, and comments: most have none."""
    tasks = Task.objects.annotate(
        has_draft=Exists(Draft.objects.filter(task_id=OuterRef("pk"), user=number("user"))),
        has_comment=Exists(Comment.objects.filter(task_id=OuterRef("pk"))),
    )
    return CompiledRecords("tasks", tasks.defer(*_NOT_SHOWN).filter(pk__in=numbers("tasks")))


def _tasks_in_order(task_ids: Sequence[int], user: User) -> list[Any]:
    """Return the tasks of the given ids, in their order, as records for JSON; those that are gone are left out."""
    found = {task.pk: task for task in _marked_tasks().rows(tasks=list(task_ids), user=user.pk)}
    return [found[pk] for pk in task_ids if pk in found]
