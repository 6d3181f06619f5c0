"""The labeled tasks that a backend of the Flask era is sent, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.ml.models import MLBackend
from apps.ml.protocol.tasks import task_documents
from apps.projects.models import Project
from apps.tasks.models import Task

TASKS_AT_ONCE = 200


def labeled_tasks(backend: MLBackend, *, ground_truth_only: bool) -> Iterator[dict[str, Any]]:
    """Yield the tasks of a backend's project that have completions, each with them, in the order of their ids.

    They are read in small lots by key, so memory does not grow with the project, and no transaction stays open for
    as long as the backend takes to read them.

    Args:
        ground_truth_only: leave out other completions, and tasks that have no other.
    """
    project = Project.objects.get(pk=backend.project_id)
    labeled = Task.objects.filter(project_id=project.pk, completions_count__gt=0)
    if ground_truth_only:
        labeled = labeled.filter(ground_truths_count__gt=0)
    last = 0
    while True:
        ids = list(labeled.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:TASKS_AT_ONCE])
        if not ids:
            return
        for document in task_documents(project, ids, with_completions=True):
            yield _with_ground_truth_alone(document) if ground_truth_only else document
        last = ids[-1]


def _with_ground_truth_alone(document: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {
        name: [one for one in document[name] if one.get("ground_truth")]
        for name in ("annotations", "completions")
        if name in document
    }
    return {**document, **kept}
