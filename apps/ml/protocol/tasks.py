"""Tasks as ML backends get them: the TASK object of the API, with or without what people answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from apps.comments.queries import CommentCounts
from apps.completions.models import Completion
from apps.completions.serializers import completion_document
from apps.data_manager.documents import task_document
from apps.projects.models import Project
from apps.tasks.models import Task

_NO_COMMENTS = CommentCounts()


def task_documents(
    project: Project, task_ids: Collection[int], *, with_completions: bool = False
) -> list[dict[str, Any]]:
    """Return tasks of a project in the order of `task_ids`, in one statement, or two with their completions.

    Tasks that are gone, or another project's, are left out. The names and addresses of people are not told, only
    their ids: a model may be served by somebody else.
    """
    tasks = Task.objects.filter(project_id=project.pk).in_bulk(list(task_ids))
    answers: dict[int, list[dict[str, Any]]] = defaultdict(list)
    if with_completions:
        rows = (
            Completion.objects.filter(task_id__in=list(tasks)).select_related("completed_by").order_by("pk")
        )
        for row in rows:
            answers[row.task_id].append(completion_for_backend(row))
    found = (tasks[task_id] for task_id in task_ids if task_id in tasks)
    return [
        {
            **task_document(task, _NO_COMMENTS),
            "annotations": answers[task.pk] if with_completions else [],
            "predictions": [],
        }
        for task in found
    ]


def completion_for_backend(completion: Completion) -> dict[str, Any]:
    """Return the ANNOTATION object of the API without the name of its author."""
    return {**completion_document(completion), "created_username": ""}
