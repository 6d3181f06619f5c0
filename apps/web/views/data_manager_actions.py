"""Actions of the data manager: what each is about to do, its parameters, and how it goes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from apps.core import json
from apps.core.counted import counted
from apps.core.errors import NotFound, ProductError, ValidationFailed
from apps.data_manager.action_api import file_response, outcome_document
from apps.data_manager.actions import find_action
from apps.data_manager.models import ActionRun
from apps.data_manager.running_actions import ActionOutcome, ActionRequest, start_action
from apps.data_manager.undoing_actions import run_for, runs_of, start_undo, undo
from apps.projects.models import Project
from apps.projects.policy import Action, require
from apps.web.access import SignedInRequest, open_project
from apps.web.data_manager.action_forms import ActionForm, OfferedAction, offered_action
from apps.web.data_manager.action_runs import shown_run
from apps.web.data_manager.affected import affected_by
from apps.web.data_manager.opening import Opened, open_page
from apps.web.forms.data_manager import tell
from apps.web.forms.page_form import mark_invalid

DIALOG = "web/dialogs/task_action.html"


@require_POST
def ask(request: SignedInRequest, project_id: int, action_id: str) -> HttpResponse:
    """Say what an action would do to the selected tasks, and ask for its parameters."""
    project, offered = _open(request, project_id, action_id)
    opened = open_page(project, request.user, request.GET)
    response = _dialog(request, opened, offered, ActionForm(offered))
    trigger_client_event(response, "dialog:open", after="settle")
    return response


@require_POST
def run(request: SignedInRequest, project_id: int, action_id: str) -> HttpResponseBase:
    """Do it, or have a worker do it; answers with the card of the run, or with the file that the action makes."""
    project, offered = _open(request, project_id, action_id)
    opened = open_page(project, request.user, request.GET)
    form = ActionForm(offered, request.POST)
    if not form.is_valid():
        return _dialog(request, opened, offered, form)
    try:
        opened.query(_selection(request))
        wanted = ActionRequest(
            action=offered.id,
            document={"filters": opened.state.all_filters, "selectedItems": _selection(request)},
            tab={},
            body=form.options,
        )
        outcome = start_action(project=project, actor=request.user, request=wanted)
    except ProductError as error:
        tell(form, error)
        return _dialog(request, opened, offered, form)
    if outcome.file is not None:
        return file_response(outcome.file)
    return _started(request, project, outcome)


@require_GET
def recent_runs(request: SignedInRequest, project_id: int) -> HttpResponse:
    """List what was done to many tasks lately, with what can still be undone."""
    project = open_project(request, project_id, Action.VIEW_PROJECT)
    context = {
        "project": project,
        "runs": [shown_run(row, request.user) for row in runs_of(project, request.user)],
        "dialog_base": _dialog_base(request),
    }
    return render(request, "web/dialogs/task_runs.html", context)


@require_GET
def run_card(request: SignedInRequest, project_id: int, run_id: int) -> HttpResponse:
    """Return the card of a run, which asks for itself again while a job works on it."""
    project = open_project(request, project_id, Action.VIEW_PROJECT)
    return _card(request, project, _run(request, project, run_id))


@require_POST
def undo_run(request: SignedInRequest, project_id: int, run_id: int) -> HttpResponseBase:
    """Take a run back, at once or as a job; answers with its card."""
    project = open_project(request, project_id, Action.VIEW_PROJECT)
    row = _run(request, project, run_id)
    try:
        if start_undo(run=row, actor=request.user) is None:
            count = undo(run=row, actor=request.user)
            messages.success(request, f"{counted(count, 'change')} taken back.")
        else:
            messages.success(request, "The changes are taken back in the background.")
    except ProductError as error:
        messages.error(request, error.message)
    if not request.htmx:
        return redirect("web:tasks", project.pk)
    return _card(request, project, _run(request, project, run_id))


def _open(request: SignedInRequest, project_id: int, action_id: str) -> tuple[Project, OfferedAction]:
    project = open_project(request, project_id, Action.VIEW_PROJECT)
    action = find_action(action_id)
    require(project.my_role, action.right)
    return project, offered_action(action, project)


def _selection(request: SignedInRequest) -> Any:
    """Return the selected items as the page's script sent them.

    Raises:
        ValidationFailed: they are missing or no JSON.
    """
    text = request.POST.get("selection", "")
    if not text:
        raise ValidationFailed("No tasks are selected.")
    return json.loads(text, what="selection")


def _dialog(
    request: SignedInRequest, opened: Opened, offered: OfferedAction, form: ActionForm
) -> HttpResponse:
    affected, problem = None, ""
    try:
        affected = affected_by(opened.query(_selection(request)))
    except ProductError as error:
        problem = error.message
    mark_invalid(form)
    context = {
        "project": opened.project,
        "action": offered,
        "form": form,
        "affected": affected,
        "problem": problem,
        "address": f"{reverse('web:run-task-action', args=[opened.project.pk, offered.id])}{opened.address()}",
        "selection": request.POST.get("selection", ""),
        "dialog_base": _dialog_base(request),
    }
    return render(request, DIALOG, context, status=422 if problem or form.errors else 200)


def _dialog_base(request: SignedInRequest) -> str:
    return "web/dialog_part.html" if request.htmx else "web/dialog_page.html"


def _run(request: SignedInRequest, project: Project, run_id: int) -> ActionRun:
    row = run_for(request.user, run_id)
    if row.project_id != project.pk:
        raise NotFound(f"There is no run {run_id} in this project.")
    return row


def _card(request: SignedInRequest, project: Project, row: ActionRun) -> HttpResponse:
    context = {"project": project, "shown": shown_run(row, request.user)}
    return render(request, "web/parts/data_manager/outcome.html", context)


def _started(request: SignedInRequest, project: Project, outcome: ActionOutcome) -> HttpResponseBase:
    if not request.htmx or outcome.run is None:
        messages.success(request, str(outcome_document(outcome)["detail"]))
        return redirect("web:tasks", project.pk)
    response = reswap(retarget(_card(request, project, outcome.run), "#dm-jobs"), "afterbegin")
    return trigger_client_event(response, "data-manager:done", {})
