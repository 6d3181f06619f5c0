"""One import: how it goes, what came of it, running it again, taking it back."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from apps.core.errors import NotFound, ProductError
from apps.imports.models import Import
from apps.imports.options import ImportOptions, OnError
from apps.imports.undo import count_undo, start_undo
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.web.access import SignedInRequest, open_project
from apps.web.import_history import bad_rows, shown_imports
from apps.web.import_start import begin_import
from apps.web.navigation import tabs_of

IMPORTS_CHANGED = "imports:changed"
"""The event that tells the import page to read its list of imports again."""


@require_GET
def report(request: SignedInRequest, project_id: int, import_id: int) -> HttpResponse:
    """Show an import: as a page, or to htmx as a card that asks for itself again while it moves."""
    project = open_project(request, project_id, Action.IMPORT)
    return answer_with(request, project, _find(request, project, import_id))


@require_POST
def again(request: SignedInRequest, project_id: int, import_id: int) -> HttpResponse:
    """Import the same files in the same way once more; with `on_error=skip` without their bad rows."""
    project = open_project(request, project_id, Action.IMPORT)
    row = _find(request, project, import_id)
    options = ImportOptions.read(row.options)
    if request.POST.get("on_error") == OnError.SKIP:
        options = replace(options, on_error=OnError.SKIP)
    try:
        new = begin_import(
            project=project,
            uploads=list(row.uploads.order_by("pk")),
            created_by=request.user,
            options=options,
        )
    except ProductError as error:
        messages.error(request, error.message)
        new = row
    if request.htmx:
        return answer_with(request, project, new)
    return redirect("web:import-report", project.pk, new.pk)


@require_http_methods(["GET", "POST"])
def undo(request: SignedInRequest, project_id: int, import_id: int) -> HttpResponse:
    """Ask with the counts, then have a worker take an import back."""
    project = open_project(request, project_id, Action.IMPORT)
    row = _find(request, project, import_id)
    if request.method == "GET":
        base = "web/dialog_part.html" if request.htmx else "web/dialog_page.html"
        context = {"project": project, "row": row, "counts": count_undo(row), "dialog_base": base}
        return render(request, "web/dialogs/undo_import.html", context)
    try:
        start_undo(row=row, requested_by=request.user)
    except ProductError as error:
        messages.error(request, error.message)
    return redirect("web:import-report", project.pk, row.pk)


def answer_with(request: SignedInRequest, project: Project, row: Import) -> HttpResponse:
    """Return an import's card to htmx, its page to everybody else."""
    [shown] = shown_imports([row], count_all=True)
    rows = [] if shown.is_moving else bad_rows(row)
    context = {"project": project, "shown": shown, "row": row, "bad_rows": rows}
    if not request.htmx:
        context |= {"tabs": tabs_of(project), "tab": "import"}
        return render(request, "web/pages/import_report.html", context)
    answer = render(request, "web/parts/import_card.html", context)
    return answer if shown.is_moving else trigger_client_event(answer, IMPORTS_CHANGED)


def _find(request: SignedInRequest, project: Project, import_id: int) -> Import:
    rows = Import.objects.for_user(request.user).filter(project=project, pk=import_id)
    row: Import | None = rows.select_related("job", "created_by", "project").first()
    if row is None:
        raise NotFound(f"This project has no import {import_id}.")
    return row
