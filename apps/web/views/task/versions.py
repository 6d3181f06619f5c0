"""The versions of a completion: looking at one, and going back to it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.completions import restoring
from apps.completions.history import History, earlier_version_of, history_for, version_of
from apps.completions.models import Completion
from apps.completions.queries import require_changing
from apps.core.errors import NotFound, ProductError
from apps.projects.models import Project
from apps.tasks.models import Task
from apps.web.access import SignedInRequest
from apps.web.comparing import compare
from apps.web.result_items import result_lines
from apps.web.task_answers import MAX_LINES
from apps.web.views.task.opening import open_task
from apps.web.views.task.panels import panel_response


@dataclass(frozen=True, slots=True)
class Undo:
    """What a toast offers to take back: a form that is sent to `address`."""

    text: str
    address: str
    label: str = "Undo"


@require_GET
def version(
    request: SignedInRequest, project_id: int, task_id: int, completion_id: int, number: int
) -> HttpResponse:
    """Show one version: what it says, and what it changed in the one before."""
    _, task = open_task(request, project_id, task_id)
    history = _history_in(task, request, completion_id)
    shown = version_of(history, number)
    before = earlier_version_of(history, number)
    lines = result_lines(shown.result)
    context = {
        "number": number,
        "before": before,
        "before_label": f"Version {before.version}" if before else "",
        "after_label": f"Version {number}",
        "comparison": compare(before.result, shown.result) if before else None,
        "lines": lines[:MAX_LINES],
        "more_lines": max(0, len(lines) - MAX_LINES),
        "warnings": shown.warnings[:MAX_LINES],
    }
    return render(request, "web/parts/task/version.html", context)


@require_POST
def restore(
    request: SignedInRequest, project_id: int, task_id: int, completion_id: int, number: int
) -> HttpResponse:
    """Make an earlier version the present one, or bring a deleted completion back; it can be undone."""
    project, task = open_task(request, project_id, task_id)
    history = _history_in(task, request, completion_id)
    require_changing(request.user, project.pk, history.completed_by_id)
    seen = request.POST.get("seen", "")
    try:
        restored = restoring.restore_version(
            completion_id=completion_id,
            number=number,
            restored_by=request.user,
            version=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None,
        )
    except ProductError as error:
        messages.error(request, error.message)
        return _answer(request, project, task, undo=None)
    return _answer(request, project, task, undo=_undo(project, task, history, number, restored))


def _history_in(task: Task, request: SignedInRequest, completion_id: int) -> History:
    history = history_for(request.user, completion_id)
    if history.task_id != task.pk:
        raise NotFound(f"Task {task.pk} has no completion {completion_id}.")
    return history


def _undo(project: Project, task: Task, history: History, number: int, restored: Completion) -> Undo:
    place = [project.pk, task.pk, history.completion_id]
    if history.present_version is None:
        return Undo(f"Completion {restored.pk} is back.", reverse("web:delete-completion", args=place))
    back = reverse("web:restore-version", args=[*place, history.present_version])
    return Undo(f"Version {number} of completion {restored.pk} is the present one again.", back)


def _answer(request: SignedInRequest, project: Project, task: Task, *, undo: Undo | None) -> HttpResponse:
    if request.htmx:
        response = panel_response(request, project, task, "history", undo=undo)
        response["HX-Trigger"] = "panel:answers-changed"
        return response
    if undo:
        messages.success(request, undo.text)
    return redirect("web:task", project.pk, task.pk)
