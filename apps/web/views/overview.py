"""What a project is and how far it is."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.completions.queries import count_by_person
from apps.projects.policy import Action, allows
from apps.projects.queries import members_of, totals_of
from apps.web.access import SignedInRequest, open_project
from apps.web.navigation import tabs_of


@require_GET
def overview(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show progress, people, and the next steps while the project is being set up."""
    project = open_project(request, project_id, Action.VIEW_PROJECT)
    totals = totals_of([project.pk])[project.pk]
    context = {
        "project": project,
        "tabs": tabs_of(project),
        "tab": "overview",
        "totals": totals,
        "my_completions": count_by_person(project, request.user),
        "members": members_of(project)[:12],
        "may_label": allows(project.my_role, Action.LABEL),
        "may_archive": allows(project.my_role, Action.ARCHIVE_PROJECT),
        "is_manager": allows(project.my_role, Action.CHANGE_PROJECT),
        "is_set_up": bool(project.label_config and totals.tasks and totals.completions),
    }
    return render(request, "web/pages/overview.html", context)
