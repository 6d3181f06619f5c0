"""Which of their projects somebody works in now: the one that the browser session opened last."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from apps.accounts.models import User
from apps.projects.models import Project

SESSION_KEY = "last_project"

Session = MutableMapping[str, Any]


def current_project(user: User, session: Session) -> Project | None:
    """Return the project this person opened last in `session`, else the newest one they may see.

    A caller with a token has an empty session.
    """
    projects = Project.objects.for_user(user)
    last = projects.filter(pk=session[SESSION_KEY]).first() if SESSION_KEY in session else None
    found: Project | None = last or projects.newest_first().first()
    return found


def make_current(project: Project, session: Session) -> None:
    """Let a browser session work in `project` from now on."""
    if session.get(SESSION_KEY) != project.pk:
        session[SESSION_KEY] = project.pk


def forget_current(session: Session) -> None:
    """Let a browser session work in no project: it was left or deleted."""
    session.pop(SESSION_KEY, None)
