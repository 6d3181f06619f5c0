"""Filters whose choices are what the person may see."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

SHOWN_PROJECTS = 100


class ProjectFilter(SimpleListFilter):
    """One project of those the person manages; the newest are offered, any other goes by its id in the address."""

    title = "project"
    parameter_name = "project"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the projects on offer."""
        projects = managed_projects(request.user).order_by("-pk")[:SHOWN_PROJECTS]
        return [(str(project.pk), str(project)) for project in projects]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the chosen project; an id that is none keeps nothing."""
        if self.value() is None:
            return queryset
        project_id = chosen_project(request)
        return queryset.none() if project_id is None else queryset.filter(project_id=project_id)


def chosen_project(request: HttpRequest) -> int | None:
    """Return the id that the address gives to `ProjectFilter`; None when it gives none, or nonsense."""
    text = request.GET.get(ProjectFilter.parameter_name, "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 18 else None


def managed_projects(user: Any) -> QuerySet[Any]:
    """Return the projects that `user` owns or manages; all for administrators.

    The model is found by its name: this floor knows no projects.
    """
    projects: QuerySet[Any] = apps.get_model("projects", "Project")._default_manager.for_user(user)
    return projects if user.is_administrator else projects.filter(pk__in=user.managed_project_ids)
