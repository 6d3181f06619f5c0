"""The pages of a project's settings, and what their common frame (`web/settings_base.html`) needs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from apps.projects.models import Project
from apps.web.navigation import Tab, tabs_of

_PAGES = (
    ("settings", "General", "settings"),
    ("settings-labeling", "Labeling", "tags"),
    ("settings-instructions", "Instructions", "book"),
    ("settings-task-order", "Task order and overlap", "list"),
    ("settings-api", "API", "code"),
    ("settings-danger", "Danger zone", "alert-triangle"),
)
"""Name of the page's address, what the side list says, icon."""


def settings_pages(project: Project) -> list[Tab]:
    """Return the entries of the side list; each is open to whoever may change the project."""
    return [Tab(name, label, icon, reverse(f"web:{name}", args=[project.pk])) for name, label, icon in _PAGES]


def settings_context(project: Project, page: str) -> dict[str, Any]:
    """Return the context of the frame.

    Args:
        page: the name of the page's address, marked in the side list.
    """
    return {
        "project": project,
        "tabs": tabs_of(project),
        "tab": "settings",
        "settings_pages": settings_pages(project),
        "settings_page": page,
    }
