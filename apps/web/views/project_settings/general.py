"""Name, description and colour of a project."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from apps.projects.policy import Action
from apps.web.access import SignedInRequest, open_project
from apps.web.forms.project_settings import GeneralForm
from apps.web.views.project_settings.saving import answer


@require_http_methods(["GET", "POST"])
def general(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show and save how people recognise the project."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    form = GeneralForm(request.POST or None, project=project)
    return answer(request, project, form, page="settings")
