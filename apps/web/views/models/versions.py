"""Versions of models: which one people see, how two differ, and the end of one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.counted import counted
from apps.core.errors import NotFound, ProductError
from apps.ml.predicting.comparing import compare_versions
from apps.ml.predicting.versions import VersionRow, delete_version, list_versions
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.services import update_project
from apps.web.access import SignedInRequest, open_project
from apps.web.model_quality import NO_VERSION, number, percent
from apps.web.views.models.connections import dialog_base


@require_POST
def show(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show people the predictions of one version; without a name, of all."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    name = request.POST.get("version", "")
    if name:
        _version(project, name)
    try:
        update_project(project_id=project.pk, model_version=name)
    except ProductError as error:
        messages.error(request, error.message)
    else:
        shown = f"the predictions of “{name}”" if name else "the predictions of every version"
        messages.success(request, f"People see {shown} from now on.")
    return redirect("web:models", project.pk)


@require_http_methods(["GET", "POST"])
def delete(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Say how many predictions go, then delete those of one version."""
    project = open_project(request, project_id, Action.CHANGE_PREDICTIONS)
    given = request.GET if request.method == "GET" else request.POST
    version = _version(project, given.get("version", ""))
    if request.method == "GET":
        context = {
            "project": project,
            "version": version,
            "name": version.name or NO_VERSION,
            "dialog_base": dialog_base(request),
        }
        return render(request, "web/dialogs/delete_model_version.html", context)
    deleted, job = delete_version(project=project, name=version.name, deleted_by=request.user)
    if job is None:
        messages.success(request, f"{counted(deleted, 'prediction')} deleted.")
    else:
        messages.success(request, "The predictions are deleted in the background.")
    return redirect("web:models", project.pk)


@require_GET
def compare(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show where two versions answer the same."""
    project = open_project(request, project_id, Action.VIEW_MODELS)
    one = _version(project, request.GET.get("one", ""))
    other = _version(project, request.GET.get("other", ""))
    found = compare_versions(project.pk, one.name, other.name)
    context = {
        "project": project,
        "one": one.name or NO_VERSION,
        "other": other.name or NO_VERSION,
        "is_same": one.name == other.name,
        "found": found,
        "scores": [number(score) for score in found.scores],
        "rows": [
            (row.control, f"{row.tasks:,}", percent(row.agree / row.tasks if row.tasks else None))
            for row in found.controls
        ],
        "dialog_base": dialog_base(request),
    }
    return render(request, "web/dialogs/compare_models.html", context)


def _version(project: Project, name: str) -> VersionRow:
    for version in list_versions(project):
        if version.name == name:
            return version
    raise NotFound(f"This project has no model version “{name[:255]}”; perhaps it was deleted.")
