"""What the settings pages that are one form have in common: show it, check it, save it, say so."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.core.errors import ProductError
from apps.projects.models import Project
from apps.projects.services import update_project
from apps.web.access import SignedInRequest
from apps.web.forms.page_form import mark_invalid
from apps.web.forms.project_settings import SettingsForm
from apps.web.settings_pages import settings_context


def save(request: SignedInRequest, project: Project, form: SettingsForm) -> bool:
    """Save a form that was sent; False when it is to be shown again, with its errors."""
    if not form.is_valid():
        return False
    try:
        update_project(project_id=project.pk, changed_by=request.user, **form.cleaned_data)
    except ProductError as error:
        form.take_errors(error)
        return False
    messages.success(request, "The settings are saved.")
    return True


def answer(
    request: SignedInRequest,
    project: Project,
    form: SettingsForm,
    *,
    page: str,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """Save the form when it was sent and is right, else show it.

    Args:
        page: the name of the page's address; its template is named after it.
        more: what the template needs besides the form.
    """
    if form.is_bound and save(request, project, form):
        return redirect(f"web:{page}", project.pk)
    mark_invalid(form)
    context = {**settings_context(project, page), "form": form, **(more or {})}
    template = f"web/pages/{page.replace('-', '_')}.html"
    return render(request, template, context, status=422 if form.errors else 200)
