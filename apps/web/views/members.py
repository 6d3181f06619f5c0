"""Who belongs to a project."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.projects.policy import Action
from apps.projects.queries import members_of
from apps.web.access import SignedInRequest, open_project
from apps.web.navigation import tabs_of


@require_GET
def members(request: SignedInRequest, project_id: int) -> HttpResponse:
    """List the people of a project with their roles."""
    project = open_project(request, project_id, Action.VIEW_MEMBERS)
    context = {"project": project, "tabs": tabs_of(project), "tab": "members", "members": members_of(project)}
    return render(request, "web/pages/members.html", context)
