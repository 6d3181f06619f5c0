"""Putting a project aside, and bringing it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.projects.archiving import archive_project, unarchive_project
from apps.projects.policy import Action
from apps.projects.queries import project_for
from apps.web.access import SignedInRequest

MANAGE = "manage"
"""What the forms of the project management send as `back`, to return there."""


@require_POST
def archive(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Archive a project."""
    project = project_for(request.user, project_id, Action.ARCHIVE_PROJECT)
    archive_project(project_id=project.pk, archived_by=request.user)
    messages.success(request, f"“{project}” is archived. Bring it back whenever you like.")
    return _back(request, project_id)


@require_POST
def unarchive(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Bring a project back."""
    project = project_for(request.user, project_id, Action.ARCHIVE_PROJECT)
    unarchive_project(project_id=project.pk, unarchived_by=request.user)
    messages.success(request, f"“{project}” is back: people can label in it again.")
    return _back(request, project_id)


def _back(request: SignedInRequest, project_id: int) -> HttpResponse:
    if request.POST.get("back") == MANAGE:
        return redirect("web:manage-projects")
    return redirect("web:overview", project_id)
