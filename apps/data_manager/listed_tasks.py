"""The tasks of a page as documents, with no more read than is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.accounts.models import User
from apps.comments.queries import comment_counts
from apps.data_manager.documents import full_task_documents, task_document
from apps.tasks.queries import tasks_in_order

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
    tasks = tasks_in_order(task_ids)
    wants_answers = with_answers if fields is None else bool(fields & ANSWER_FIELDS)
    documents = full_task_documents(tasks, user) if wants_answers else _plain_documents(tasks, user)
    if fields is None:
        return documents
    return [{name: value for name, value in row.items() if name in fields} for row in documents]


def _plain_documents(tasks: Sequence[Any], user: User) -> list[dict[str, Any]]:
    comments = comment_counts([task.pk for task in tasks], user)
    return [task_document(task, comments[task.pk]) for task in tasks]
