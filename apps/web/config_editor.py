"""What the config editor of a page works with: addresses, the stored config, tasks to preview, the server's verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from apps.accounts.models import User
from apps.labeling.problems import Problem
from apps.labeling.samples import sample_task
from apps.labeling.templates import LabelingTemplate
from apps.labeling.validation import inspect
from apps.projects.models import Project
from apps.tasks.models import Task
from apps.web.data_values import shorten, text_keys

PREVIEW_TASKS = 5
SUMMARY_LENGTH = 60


@dataclass(frozen=True, slots=True)
class PreviewTask:
    """A task that the preview offers by what its data begins with."""

    id: int
    summary: str


def preview_tasks(user: User, project: Project) -> list[PreviewTask]:
    """Return the first tasks of a project."""
    tasks = Task.objects.for_user(user).filter(project=project).order_by("pk")[:PREVIEW_TASKS]
    return [PreviewTask(task.pk, _summary(task.data)) for task in tasks]


def _summary(data: Any) -> str:
    first = next(iter(data.values()), "") if isinstance(data, dict) else data
    text = shorten(first)
    return text if len(text) <= SUMMARY_LENGTH else f"{text[: SUMMARY_LENGTH - 1]}…"


def editor_person(user: User) -> dict[str, Any]:
    """Return a person as the editor wants its user."""
    return {
        "id": user.pk,
        "firstName": user.first_name or user.email,
        "lastName": user.last_name,
        "email": user.email,
    }


def editor_context(
    user: User, *, saved: str = "", project: Project | None = None, template: LabelingTemplate | None = None
) -> dict[str, Any]:
    """Return what the editor's scripts read from the page.

    Args:
        saved: the config that is stored now.
        project: whose config it is; None for a project to be made.
        template: the template that is loaded; its own sample task is shown.
    """
    if project is None:
        check, task = reverse("web:check-config"), None
    else:
        check = reverse("web:check-project-config", args=[project.pk])
        task = reverse("web:preview-task", args=[project.pk, 0])
    return {
        "checkAddress": check,
        "taskAddress": task,
        "tagsAddress": reverse("web:labeling-tags"),
        "templateAddress": reverse("web:labeling-template", args=["NAME"]),
        "frameAddress": reverse("web:preview-frame"),
        "saved": saved,
        "sample": template.task if template else None,
        "person": editor_person(user),
    }


def verdict(xml: str) -> dict[str, Any]:
    """Return what was found in a config and, when it can be used, a task for it; an empty one asks nothing."""
    if not xml.strip():
        return {"problems": [], "warnings": [], "sample": None, "textKeys": []}
    found = inspect(xml)
    return {
        "problems": [_place(problem) for problem in found.problems],
        "warnings": [_place(problem) for problem in found.warnings],
        "sample": sample_task(found.config) if found.config else None,
        "textKeys": text_keys(found.config) if found.config else [],
    }


def _place(problem: Problem) -> dict[str, Any]:
    return {"message": problem.message, "line": problem.line, "column": problem.column}
