"""Tasks as ML backends get them: the TASK object of the API, with or without what people answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from apps.comments.queries import CommentCounts
from apps.completions.models import Completion
from apps.completions.serializers import completion_document
from apps.core.compiled_queries import CompiledRecords, number, numbers
from apps.data_manager.documents import task_document
from apps.projects.models import Project
from apps.tasks.models import Task

_NO_COMMENTS = CommentCounts()
_TASKS = CompiledRecords(
    "tasks_for_model", Task.objects.filter(project_id=number("project"), pk__in=numbers("tasks"))
)


def task_documents(
    project: Project, task_ids: Collection[int], *, with_completions: bool = False
) -> list[dict[str, Any]]:
    """Return tasks of a project in the order of `task_ids`, in one statement, or two with their completions.

    Their `data` and `meta` are JSON as Postgres has it (`orjson.Fragment`), which is not taken apart on its way.
    Tasks that are gone, or another project's, are left out. The names and addresses of people are not told, only
    their ids: a model may be served by somebody else.
    """
    tasks = {task.pk: task for task in _TASKS.rows(project=project.pk, tasks=list(task_ids))}
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
