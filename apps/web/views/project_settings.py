"""A project's settings, and its end."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import ProductError
from apps.labeling.templates import labeling_templates
from apps.projects.deletion import request_deletion
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.projects.queries import totals_of
from apps.projects.services import update_project
from apps.web.access import LAST_PROJECT, SignedInRequest, open_project
from apps.web.forms.page_form import mark_invalid
from apps.web.forms.projects import DeleteProjectForm, ProjectSettingsForm
from apps.web.navigation import tabs_of


@require_http_methods(["GET", "POST"])
def settings(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show all settings in one form and save them together."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    if request.method == "GET":
        return _page(request, project, ProjectSettingsForm.of(project))
    form = ProjectSettingsForm(request.POST)
    if form.is_valid():
        try:
            update_project(project_id=project.pk, changed_by=request.user, **form.cleaned_data)
        except ProductError as error:
            form.take_errors(error)
        else:
            messages.success(request, "The settings are saved.")
            return redirect("web:settings", project.pk)
    return _page(request, project, form)


@require_POST
def delete(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Delete a project whose name was typed."""
    project = open_project(request, project_id, Action.DELETE_PROJECT)
    form = DeleteProjectForm(request.POST, title=str(project))
    if not form.is_valid():
        return _page(request, project, ProjectSettingsForm.of(project), form)
    request_deletion(project=project, requested_by=request.user)
    request.session.pop(LAST_PROJECT, None)
    messages.success(request, f"The project “{project}” is gone; a job deletes its tasks.")
    return redirect("web:projects")


def _page(
    request: SignedInRequest,
    project: Project,
    form: ProjectSettingsForm,
    delete_form: DeleteProjectForm | None = None,
) -> HttpResponse:
    delete_form = delete_form or DeleteProjectForm(title=str(project))
    mark_invalid(form)
    mark_invalid(delete_form)
    context = {
        "project": project,
        "tabs": tabs_of(project),
        "tab": "settings",
        "form": form,
        "delete_form": delete_form,
        "totals": totals_of([project.pk])[project.pk],
        "may_delete": allows(project.my_role, Action.DELETE_PROJECT),
        "templates": labeling_templates().values(),
    }
    status = 422 if form.errors or delete_form.errors else 200
    return render(request, "web/pages/settings.html", context, status=status)
