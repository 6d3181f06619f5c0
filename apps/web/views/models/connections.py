"""Connecting, changing and removing ML backends."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.counted import counted
from apps.core.errors import NotFound, ProductError
from apps.ml.checking import check_backend
from apps.ml.models import MLBackend
from apps.ml.predicting.versions import list_versions
from apps.ml.queries import backends_of
from apps.ml.services import change_backend, connect_backend, remove_backend
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.web.access import SignedInRequest, open_project
from apps.web.forms.models import BackendForm
from apps.web.forms.page_form import mark_invalid
from apps.web.navigation import tabs_of


@require_http_methods(["GET", "POST"])
def connect(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Ask for a backend's address and how it is used; connect it when it answers as it should."""
    project = open_project(request, project_id, Action.CHANGE_MODELS)
    if request.method == "GET":
        return _form_page(request, project, BackendForm(), None)
    form = BackendForm(request.POST)
    return _store(request, project, form, None)


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, project_id: int, backend_id: int) -> HttpResponse:
    """Change a backend; what it is reached by is tried out before it is stored."""
    project = open_project(request, project_id, Action.CHANGE_MODELS)
    backend = find_backend(project, backend_id)
    if request.method == "GET":
        return _form_page(request, project, BackendForm(backend=backend), backend)
    form = BackendForm(request.POST, backend=backend)
    return _store(request, project, form, backend)


@require_http_methods(["GET", "POST"])
def remove(request: SignedInRequest, project_id: int, backend_id: int) -> HttpResponse:
    """Say what is lost, then remove a backend."""
    project = open_project(request, project_id, Action.CHANGE_MODELS)
    backend = find_backend(project, backend_id)
    if request.method == "GET":
        predictions = sum(row.predictions for row in list_versions(project) if row.backend_id == backend.pk)
        context = {
            "project": project,
            "backend": backend,
            "runs": backend.runs.count(),
            "trainings": backend.trainings.count(),
            "predictions": predictions,
            "dialog_base": dialog_base(request),
        }
        return render(request, "web/dialogs/remove_model.html", context)
    try:
        remove_backend(backend=backend, removed_by=request.user)
    except ProductError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"“{backend}” is removed. Its predictions are kept.")
    return redirect("web:models", project.pk)


@require_POST
def check(request: SignedInRequest, project_id: int, backend_id: int) -> HttpResponse:
    """Ask a backend at once whether it is well."""
    project = open_project(request, project_id, Action.CHANGE_MODELS)
    backend = find_backend(project, backend_id)
    try:
        found = check_backend(backend, insist=True)
    except ProductError as error:
        messages.error(request, error.message)
    else:
        version = f", model version {found.model_version}" if found.model_version else ""
        messages.success(request, f"“{backend}” answered in {found.latency_ms:,.0f} ms{version}.")
    return redirect("web:models", project.pk)


def find_backend(project: Project, backend_id: int) -> MLBackend:
    """Return a backend of a project that somebody has opened.

    Raises:
        NotFound: the project has no such backend.
    """
    backend: MLBackend | None = backends_of(project).filter(pk=backend_id).select_related("project").first()
    if backend is None:
        raise NotFound(f"This project has no ML backend {backend_id}; perhaps it was removed.")
    return backend


def dialog_base(request: SignedInRequest) -> str:
    """Return what a dialog stands in: a part of a page for htmx, else a page of its own."""
    return "web/dialog_part.html" if request.htmx else "web/dialog_page.html"


def _store(
    request: SignedInRequest, project: Project, form: BackendForm, backend: MLBackend | None
) -> HttpResponse:
    if not form.is_valid():
        return _form_page(request, project, form, backend)
    settings = form.settings() | {"store_anyway": request.POST.get("way") == "anyway"}
    try:
        if backend is None:
            stored = connect_backend(project=project, connected_by=request.user, **settings)
        else:
            stored = change_backend(backend=backend, changed_by=request.user, **settings)
    except ProductError as error:
        form.take_errors(error)
        return _form_page(request, project, form, backend, trouble=error.details)
    messages.success(request, _told(stored, is_new=backend is None))
    return redirect("web:models", project.pk)


def _told(backend: MLBackend, *, is_new: bool) -> str:
    if not is_new:
        return f"“{backend}” is saved."
    if backend.error_message:
        return f"“{backend}” is stored, but it does not answer yet. It is asked again every minute."
    version = f" with model version {backend.model_version}" if backend.model_version else ""
    return f"“{backend}” is connected{version}. Next, have it predict tasks."


def _form_page(
    request: SignedInRequest,
    project: Project,
    form: BackendForm,
    backend: MLBackend | None,
    trouble: dict[str, Any] | None = None,
) -> HttpResponse:
    mark_invalid(form)
    context = {
        "project": project,
        "tabs": tabs_of(project),
        "tab": "models",
        "form": form,
        "backend": backend,
        "may_store_anyway": bool(trouble and trouble.get("call")),
        "is_more_open": any(name in form.errors for name in form.MORE),
        "others": counted(backends_of(project).count(), "other backend") if backend is None else "",
    }
    return render(request, "web/pages/model_connection.html", context, status=422 if form.errors else 200)
