"""The labeling config as text."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from apps.labeling.templates import labeling_templates
from apps.projects.policy import Action
from apps.web.access import SignedInRequest, open_project
from apps.web.forms.project_settings import LabelingForm
from apps.web.views.project_settings.saving import answer


@require_http_methods(["GET", "POST"])
def labeling(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show and save what is shown and asked."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    form = LabelingForm(request.POST or None, project=project)
    more = {"templates": labeling_templates().values()}
    return answer(request, project, form, page="settings-labeling", more=more)
