"""The tabs of a project's pages."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from apps.projects.models import Project
from apps.projects.policy import Action, allows


@dataclass(frozen=True, slots=True)
class Tab:
    """One entry of a project's row of tabs."""

    name: str
    label: str
    icon: str
    address: str


_TABS: tuple[tuple[str, str, str, Action], ...] = (
    ("overview", "Overview", "layout-dashboard", Action.VIEW_PROJECT),
    ("tasks", "Tasks", "list", Action.VIEW_PROJECT),
    ("label", "Label", "tags", Action.LABEL),
    ("import", "Import", "file-import", Action.IMPORT),
    ("export", "Export", "file-export", Action.EXPORT),
    ("models", "Models", "robot", Action.VIEW_MODELS),
    ("members", "Members", "users", Action.VIEW_MEMBERS),
    ("settings", "Settings", "settings", Action.CHANGE_PROJECT),
)


def tabs_of(project: Project) -> list[Tab]:
    """Return the tabs that the role of the person who asks may use."""
    return [
        Tab(name, label, icon, reverse(f"web:{name}", args=[project.pk]))
        for name, label, icon, action in _TABS
        if allows(project.my_role, action)
    ]
