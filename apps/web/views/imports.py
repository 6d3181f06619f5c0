"""Bringing tasks into a project: the page, the preview, the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.counted import counted
from apps.core.errors import ProductError
from apps.imports.formats import CATALOGUE
from apps.imports.models import Import, Upload
from apps.imports.options import ImportOptions
from apps.jobs.models import JobStatus
from apps.labeling import config as labeling
from apps.labeling.config import LabelingConfig
from apps.labeling.samples import FORMATS, import_example
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.web.access import SignedInRequest, open_project
from apps.web.forms.imports import ImportOptionsForm, SourcesForm
from apps.web.forms.page_form import mark_invalid
from apps.web.import_history import shown_imports
from apps.web.import_preview import ImportPreview, preview_import
from apps.web.import_start import begin_import, forget_unused, sample_file, store_sources
from apps.web.navigation import tabs_of
from apps.web.views.import_reports import answer_with

PAGE_SIZE = 10
MAX_FILES = 10_000


@require_http_methods(["GET", "POST"])
def import_tasks(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show the import page; without scripts, import what was sent: all of it or nothing."""
    project = open_project(request, project_id, Action.IMPORT)
    if request.method == "GET":
        return _page(request, project, SourcesForm())
    form = SourcesForm(request.POST, request.FILES)
    row: Import | None = None
    if form.is_valid():
        try:
            row = _import_sources(request, project, form)
        except ProductError as error:
            form.add_error(None, error.message)
    if row is None:
        return _page(request, project, form)
    if row.status != JobStatus.COMPLETED:
        return redirect("web:import-report", project.pk, row.pk)
    messages.success(request, told(row))
    return redirect("web:tasks", project.pk)


@require_POST
def preview(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show how the uploaded files would be read; `without` leaves one of them out."""
    project = open_project(request, project_id, Action.IMPORT)
    uploads = _uploads(request, project)
    left_out = [upload for upload in uploads if str(upload.pk) == request.POST.get("without")]
    if left_out:
        forget_unused(project=project, uploads=left_out)
        uploads = [upload for upload in uploads if upload not in left_out]
    return _preview_page(request, project, uploads)


@require_POST
def start(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Import the uploaded files as the form says; answers with the import's card, or with what is wrong."""
    project = open_project(request, project_id, Action.IMPORT)
    uploads = _uploads(request, project)
    config = labeling.parse(project.label_config)
    shown = preview_import(project=project, config=config, uploads=uploads, given=request.POST.dict())
    form = ImportOptionsForm(_option_values(request), columns=shown.columns, config=config)
    if form.is_valid():
        try:
            options = form.options(shown.file_options())
            row = begin_import(project=project, uploads=uploads, created_by=request.user, options=options)
        except ProductError as error:
            form.add_error(None, error.message)
        else:
            return answer_with(request, project, row)
    mark_invalid(form)
    return _preview(request, project, config, shown, form)


def told(row: Import) -> str:
    """Say what an import brought."""
    counts = (
        (row.task_count, "task"),
        (row.completion_count, "completion"),
        (row.prediction_count, "prediction"),
    )
    parts = [counted(number, noun) for number, noun in counts if number or noun == "task"]
    return f"Imported {', '.join(parts)}."


def _import_sources(request: SignedInRequest, project: Project, form: SourcesForm) -> Import:
    config = labeling.parse(project.label_config)
    uploads = store_sources(form, project=project, config=config, user=request.user)
    return begin_import(project=project, uploads=uploads, created_by=request.user, options=ImportOptions())


def _uploads(request: SignedInRequest, project: Project) -> list[Upload]:
    """Return the uploads whose ids the field `uploads` lists, in their order."""
    given = [part for part in request.POST.get("uploads", "").split(",")[:MAX_FILES] if part.isdecimal()]
    ids = [int(part) for part in given if len(part) <= 18]
    found = Upload.objects.for_user(request.user).filter(project=project).in_bulk(ids)
    return [found[pk] for pk in dict.fromkeys(ids) if pk in found]


def _preview_page(request: SignedInRequest, project: Project, uploads: Sequence[Upload]) -> HttpResponse:
    config = labeling.parse(project.label_config)
    shown = preview_import(project=project, config=config, uploads=uploads, given=request.POST.dict())
    form = ImportOptionsForm(columns=shown.columns, config=config, initial=_option_values(request))
    return _preview(request, project, config, shown, form)


def _option_values(request: SignedInRequest) -> dict[str, str]:
    return {name: request.POST[name] for name in ImportOptionsForm.base_fields if name in request.POST}


def _preview(
    request: SignedInRequest,
    project: Project,
    config: LabelingConfig,
    shown: ImportPreview,
    form: ImportOptionsForm,
) -> HttpResponse:
    context = {
        "project": project,
        "preview": shown,
        "form": form,
        "formats": list(CATALOGUE.values()),
        "variables": list(config.variables),
    }
    return render(request, "web/parts/import_preview.html", context, status=422 if form.errors else 200)


def _page(request: SignedInRequest, project: Project, form: SourcesForm) -> HttpResponse:
    mark_invalid(form)
    config = labeling.parse(project.label_config)
    rows = Import.objects.for_user(request.user).filter(project=project)
    rows = rows.select_related("job", "created_by").order_by("-pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "project": project,
        "tabs": tabs_of(project),
        "tab": "import",
        "form": form,
        "page": page,
        "imports": shown_imports(page.object_list),
        "keys": list(config.variables),
        "examples": _examples(config),
        "formats": list(CATALOGUE.values()),
        "max_megabytes": settings.MAX_UPLOAD_BYTES // 1024 // 1024,
        "uploader": {
            "project": project.pk,
            "maxBytes": settings.MAX_UPLOAD_BYTES,
            "maxFiles": MAX_FILES,
            "sample": sample_file(config) if config.variables else None,
        },
    }
    return render(request, "web/pages/import.html", context, status=422 if form.errors else 200)


def _examples(config: LabelingConfig) -> list[tuple[str, str]]:
    """Return a file for this config in each format that one can be written in."""
    if not config.variables:
        return []
    shows_one = len(config.variables) == 1
    wanted = [name for name in FORMATS if name != "txt" or shows_one]
    return [(CATALOGUE[name.upper()].title, import_example(config, name)) for name in wanted]
