"""What cannot be undone: deleting a project."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.projects.current_project import forget_current
from apps.projects.deletion import request_deletion
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.projects.queries import totals_of
from apps.web.access import SignedInRequest, open_project
from apps.web.forms.page_form import mark_invalid
from apps.web.forms.project_settings import DeleteProjectForm
from apps.web.settings_pages import settings_context


@require_GET
def danger(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Say what deleting would take, and to whom it is open."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    return _page(request, project, DeleteProjectForm(title=str(project)))


@require_POST
def delete(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Delete a project whose name was typed."""
    project = open_project(request, project_id, Action.DELETE_PROJECT)
    form = DeleteProjectForm(request.POST, title=str(project))
    if not form.is_valid():
        return _page(request, project, form)
    request_deletion(project=project, requested_by=request.user)
    forget_current(request.user, request.session)
    messages.success(request, f"The project “{project}” is gone; a job deletes its tasks.")
    return redirect("web:projects")


def _page(request: SignedInRequest, project: Project, form: DeleteProjectForm) -> HttpResponse:
    mark_invalid(form)
    context = {
        **settings_context(project, "settings-danger"),
        "form": form,
        "totals": totals_of([project.pk])[project.pk],
        "may_delete": allows(project.my_role, Action.DELETE_PROJECT),
    }
    return render(request, "web/pages/settings_danger.html", context, status=422 if form.errors else 200)
