"""Bringing tasks into a project."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.core.errors import ProductError
from apps.imports.services import ImportRejected, ImportReport, import_stream
from apps.labeling import config as labeling
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.web.access import SignedInRequest, open_project
from apps.web.forms.imports import ImportForm
from apps.web.forms.page_form import mark_invalid
from apps.web.navigation import tabs_of


@require_http_methods(["GET", "POST"])
def import_tasks(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show the import page; import what was sent, all of it or nothing."""
    project = open_project(request, project_id, Action.IMPORT)
    if request.method == "GET":
        return _page(request, project, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    problems: list[str] = []
    if form.is_valid():
        try:
            report = _import(request, project, form)
        except ImportRejected as error:
            form.add_error(None, error.message)
            problems = error.fields["tasks"]
        except ProductError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _told(report))
            return redirect("web:tasks", project.pk)
    return _page(request, project, form, problems)


def _import(request: SignedInRequest, project: Project, form: ImportForm) -> ImportReport:
    return import_stream(project=project, stream=form.stream(), created_by=request.user)


def _told(report: ImportReport) -> str:
    parts = [_counted(report.task_count, "task")]
    if report.completion_count:
        parts.append(_counted(report.completion_count, "completion"))
    if report.prediction_count:
        parts.append(_counted(report.prediction_count, "prediction"))
    return f"Imported {', '.join(parts)}."


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _page(
    request: SignedInRequest, project: Project, form: ImportForm, problems: list[str] | None = None
) -> HttpResponse:
    mark_invalid(form)
    context = {
        "project": project,
        "tabs": tabs_of(project),
        "tab": "import",
        "form": form,
        "problems": problems or [],
        "keys": list(labeling.parse(project.label_config).variables),
        "max_megabytes": settings.MAX_UPLOAD_BYTES // 1024 // 1024,
    }
    return render(request, "web/pages/import.html", context, status=422 if form.errors else 200)
