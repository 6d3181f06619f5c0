"""The list of projects, and making a new one."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from apps.core.errors import ProductError
from apps.projects.models import Project
from apps.projects.policy import require_project_creation
from apps.projects.queries import Totals, member_counts, totals_of
from apps.projects.services import create_project
from apps.web.access import SignedInRequest
from apps.web.config_editor import editor_context
from apps.web.forms.page_form import mark_invalid
from apps.web.forms.projects import NewProjectForm
from apps.web.template_gallery import template_shelves
from apps.web.views.labeling_setup import asked_template

PAGE_SIZE = 24


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """A project on the list."""

    project: Project
    totals: Totals
    members: int


@require_GET
def projects(request: SignedInRequest) -> HttpResponse:
    """Show the projects this person may see, newest first: those that are archived only when `?archived=1` asks."""
    text = request.GET.get("q", "").strip().replace("\x00", "")
    is_archive = bool(request.GET.get("archived"))
    mine = Project.objects.for_user(request.user)
    found = mine.archived(is_archive).matching(text).newest_first()
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    ids = [project.pk for project in page]
    totals, members = totals_of(ids), member_counts(ids)
    cards = [ProjectCard(project, totals[project.pk], members[project.pk]) for project in page]
    context = {
        "cards": cards,
        "page": page,
        "text": text,
        "is_archive": is_archive,
        "has_archive": is_archive or mine.archived().exists(),
    }
    return render(request, "web/pages/projects.html", context)


@require_http_methods(["GET", "POST"])
def new_project(request: SignedInRequest) -> HttpResponse:
    """Make a project from a name and a labeling config, written or from a template (`?template=`)."""
    require_project_creation(request.user)
    template = asked_template(request)
    initial = {"label_config": template.config} if template else None
    form = NewProjectForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            project = create_project(created_by=request.user, **form.cleaned_data)
        except ProductError as error:
            form.take_errors(error)
        else:
            messages.success(request, f"The project “{project}” is created.")
            return redirect("web:overview" if not project.label_config else "web:import", project.pk)
    mark_invalid(form)
    context = {
        "form": form,
        "shelves": template_shelves(),
        "template": template,
        "editor_context": editor_context(request.user, template=template),
    }
    return render(request, "web/pages/new_project.html", context, status=422 if form.errors else 200)
