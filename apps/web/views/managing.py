"""Project management: all projects of a person in one table, to rename, switch, share, archive, leave and delete."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.projects.current_project import current_project
from apps.projects.models import Membership, Project
from apps.projects.policy import Action, Role, allows
from apps.projects.queries import Totals, member_counts, project_for, totals_of
from apps.projects.services import update_project
from apps.web.access import SignedInRequest, open_project
from apps.web.forms.projects import RenameProjectForm

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class ManagedProject:
    """A row of the table, with what this person may do there."""

    project: Project
    role: str
    totals: Totals
    members: int
    is_current: bool
    may_rename: bool
    may_share: bool
    may_archive: bool
    may_delete: bool
    may_leave: bool


@require_GET
def manage(request: SignedInRequest) -> HttpResponse:
    """Show the projects this person may see, newest first."""
    found = Project.objects.for_user(request.user).newest_first()
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request, "web/pages/manage_projects.html", {"page": page, "rows": _rows(request, list(page))}
    )


def _rows(request: SignedInRequest, projects: list[Project]) -> list[ManagedProject]:
    ids = [project.pk for project in projects]
    totals, members = totals_of(ids), member_counts(ids)
    own = set(
        Membership.objects.filter(user=request.user, project__in=ids).values_list("project_id", flat=True)
    )
    current = current_project(request.user, request.session)
    return [
        ManagedProject(
            project=project,
            role=Role(project.my_role).label,
            totals=totals[project.pk],
            members=members[project.pk],
            is_current=project == current,
            may_rename=allows(project.my_role, Action.CHANGE_PROJECT),
            may_share=allows(project.my_role, Action.CHANGE_MEMBERS),
            may_archive=allows(project.my_role, Action.ARCHIVE_PROJECT),
            may_delete=allows(project.my_role, Action.DELETE_PROJECT),
            may_leave=project.pk in own and members[project.pk] > 1,
        )
        for project in projects
    ]


@require_POST
def switch(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Make a project this browser's current one: old addresses and the single-project API act on it."""
    project = open_project(request, project_id, Action.VIEW_PROJECT)
    messages.success(request, f"“{project}” is your current project.")
    return redirect("web:manage-projects")


@require_POST
def rename(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Give a project another name."""
    project = project_for(request.user, project_id, Action.CHANGE_PROJECT)
    form = RenameProjectForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"The name was not changed. {' '.join(map(str, form.errors['title']))}")
        return redirect("web:manage-projects")
    title = form.cleaned_data["title"]
    update_project(project_id=project.pk, changed_by=request.user, title=title)
    messages.success(request, f"The project is called “{title}” now.")
    return redirect("web:manage-projects")
