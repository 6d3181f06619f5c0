"""The gallery of labeling templates."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.core.errors import NotFound
from apps.labeling.templates import find_template
from apps.projects.policy import Action, require_project_creation
from apps.projects.queries import project_for
from apps.web.access import SignedInRequest, open_project
from apps.web.settings_pages import settings_context
from apps.web.template_gallery import card_of, template_shelves


@require_GET
def gallery(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show all templates; one that is chosen is loaded on the labeling page, and saved only there."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    context = {**settings_context(project, "settings-labeling"), "shelves": template_shelves()}
    return render(request, "web/pages/settings_templates.html", context)


@require_GET
def project_template(request: SignedInRequest, project_id: int, name: str) -> HttpResponse:
    """Show one template in a dialog, to be used in a project."""
    project = project_for(request.user, project_id, Action.CHANGE_PROJECT)
    return _dialog(request, name, reverse("web:settings-labeling", args=[project.pk]))


@require_GET
def template(request: SignedInRequest, name: str) -> HttpResponse:
    """Show one template in a dialog, to start a project with."""
    require_project_creation(request.user)
    return _dialog(request, name, reverse("web:new-project"))


def _dialog(request: SignedInRequest, name: str, use_address: str) -> HttpResponse:
    found = find_template(name)
    if found is None:
        raise NotFound(f"There is no template “{name[:80]}”.")
    context = {
        "card": card_of(found),
        "template": found,
        "use_address": use_address,
        "dialog_base": "web/dialog_part.html" if request.htmx else "web/dialog_page.html",
    }
    return render(request, "web/dialogs/template.html", context)
