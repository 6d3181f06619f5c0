"""Which task comes next, how often each is labeled, and what annotators may do with it."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from apps.predictions.queries import model_versions
from apps.projects.policy import Action
from apps.web.access import SignedInRequest, open_project
from apps.web.forms.project_settings import TaskOrderForm
from apps.web.views.project_settings.saving import answer


@require_http_methods(["GET", "POST"])
def task_order(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show and save the rules of the queue."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    form = TaskOrderForm(request.POST or None, project=project, versions=model_versions(project.pk))
    return answer(request, project, form, page="settings-task-order")
