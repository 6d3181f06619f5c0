"""How many rows a list of the admin panel has, from the running totals of the projects."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from apps.core.admin_panel.filters import ProjectFilter, chosen_project, managed_projects
from apps.projects.queries import Totals, totals_of

UNFILTERED = frozenset({ProjectFilter.parameter_name, "p", "o", "e"})
"""Parameters of a list's address that narrow it by nothing but the project."""


def total_from_tallies(request: HttpRequest, count: Callable[[Totals], int]) -> int | None:
    """Return the sum of `count` over the projects of a list; None when its rows are narrowed down further."""
    if request.GET.keys() - UNFILTERED:
        return None
    projects = managed_projects(request.user)
    if ProjectFilter.parameter_name in request.GET:
        projects = projects.filter(pk=chosen_project(request))
    return sum(count(totals) for totals in totals_of(list(projects.values_list("pk", flat=True))).values())
