"""The page of one task, and its JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.audit.models import Entry
from apps.audit.queries import entries_about
from apps.comments.queries import comment_counts
from apps.completions.own_tasks import own_neighbours_of, sees_all_tasks
from apps.completions.queries import completions_of
from apps.data_manager.documents import full_task_document, task_document
from apps.labeling import config as labeling
from apps.predictions.models import Prediction
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.tasks.models import Task
from apps.tasks.neighbours import assignees_of, neighbours_of
from apps.web.access import SignedInRequest
from apps.web.audit_changes import shown_entry
from apps.web.comparing import Comparison, compare
from apps.web.data_values import data_values
from apps.web.navigation import tabs_of
from apps.web.task_answers import comparable_answers, page_of_completions, result_of, shown_predictions
from apps.web.templatetags.web import readable_json
from apps.web.views.task.opening import open_task, shows_media
from apps.web.views.task.panels import comments_context

MAX_ENTRIES = 20
MAX_COMPARED = 500
RAW_ANSWERS = 100
"""With more completions and predictions the JSON of a task is shown without them: the API has them all."""

RAW_SIZE = 1_000_000
"""Characters of JSON that a browser shows without trouble."""


@shows_media
@require_GET
def task(request: SignedInRequest, project_id: int, task_id: int) -> HttpResponse:
    """Show one task: its data, its completions side by side, predictions, history, comments."""
    project, found = open_task(request, project_id, task_id)
    sees_all = sees_all_tasks(project, project.my_role)
    previous, following = neighbours_of(found) if sees_all else own_neighbours_of(found, request.user)
    context = {
        "project": project,
        "tabs": tabs_of(project),
        "tab": "tasks",
        "task": found,
        "state": _state(found),
        "previous": previous,
        "next": following,
        "assignees": assignees_of(found),
        "values": data_values(found.data, labeling.parse(project.label_config)),
        "may_label": allows(project.my_role, Action.LABEL) and project.archived_at is None,
        "may_set_ground_truth": allows(project.my_role, Action.SET_GROUND_TRUTH),
        "entries": _entries(request, project, found),
        "typed": {"text": request.GET.get("text", "")},
        **_answers(request, project, found),
        **comments_context(request, project, found),
    }
    return render(request, "web/pages/task.html", context)


def _state(found: Task) -> str:
    """Return where a task stands, in one word."""
    if found.is_labeled:
        return "labeled"
    if found.answers_count:
        return "in progress"
    return "skipped" if found.skips_count else "open"


def _answers(request: SignedInRequest, project: Project, found: Task) -> dict[str, Any]:
    """Return completions, predictions and, where two of them are chosen, how these differ."""
    hidden = not project.show_predictions and not allows(project.my_role, Action.VIEW_ALL_COMPLETIONS)
    choices = comparable_answers(found, request.user, with_predictions=not hidden)
    first, second = request.GET.get("first", ""), request.GET.get("second", "")
    comparison: Comparison | None = None
    if first and second:
        comparison = compare(result_of(found, request.user, first), result_of(found, request.user, second))
    labels = {choice.key: choice.label for choice in choices}
    default = [choice.key for choice in choices[:2]]
    return {
        "page": page_of_completions(found, project, request.user, request.GET.get("page")),
        "predictions": [] if hidden else shown_predictions(found, request.user),
        "choices": choices,
        "first": first or (default[0] if default else ""),
        "second": second or (default[1] if len(default) > 1 else ""),
        "first_label": labels.get(first, first),
        "second_label": labels.get(second, second),
        "comparison": comparison,
        "compared": comparison.items[:MAX_COMPARED] if comparison else [],
        "compared_left_out": max(0, len(comparison.items) - MAX_COMPARED) if comparison else 0,
    }


def _entries(request: SignedInRequest, project: Project, found: Task) -> list[Any] | None:
    """Return what the audit log has about the task; None for who does not read that log."""
    if not allows(project.my_role, Action.VIEW_JOBS):
        return None
    mine = Entry.objects.for_user(request.user)
    about = entries_about(mine, project_id=project.pk, kind="task", target_id=found.pk)
    return [shown_entry(entry) for entry in about[:MAX_ENTRIES]]


@require_GET
def raw(request: SignedInRequest, project_id: int, task_id: int) -> HttpResponse:
    """Return the task as JSON for reading, as the API has it; `?answer=KEY` the result of one answer."""
    _, found = open_task(request, project_id, task_id)
    key = request.GET.get("answer", "")
    document, is_whole = (result_of(found, request.user, key), True) if key else _document(request, found)
    text = readable_json(document)
    context = {
        "element": f"raw-{key or 'task'}",
        "json": text if len(text) <= RAW_SIZE else "",
        "size": len(text),
        "is_whole": is_whole,
        "address": _api_address(found, key),
    }
    return render(request, "web/parts/task/raw.html", context)


def _api_address(found: Task, key: str) -> str:
    if not key:
        return f"/api/tasks/{found.pk}/"
    return f"/api/{'annotations' if key.startswith('c') else 'predictions'}/{key[1:]}/"


def _document(request: SignedInRequest, found: Task) -> tuple[dict[str, Any], bool]:
    """Return a task as the API has it, and whether its answers are in it."""
    comments = comment_counts([found.pk], request.user)[found.pk]
    if found.completions_count + found.skips_count + found.predictions_count > RAW_ANSWERS:
        return task_document(found, comments), False
    completions = list(completions_of(found, request.user))
    predictions = list(Prediction.objects.for_user(request.user).filter(task=found).order_by("pk"))
    return full_task_document(found, completions, predictions, [], comments), True
