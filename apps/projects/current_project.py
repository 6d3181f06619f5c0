"""Which of their projects somebody works in now: the one opened last, in this browser or else anywhere."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from apps.accounts.models import User
from apps.accounts.services import remember_project
from apps.projects.models import Project

SESSION_KEY = "last_project"

Session = MutableMapping[str, Any]


def current_project(user: User, session: Session) -> Project | None:
    """Return the project that this person opened last in `session`, else last in any, else their newest one.

    A caller with a token has an empty session. An archived project counts only when it was opened.
    """
    projects = Project.objects.for_user(user)
    for project_id in (session.get(SESSION_KEY), user.last_project_id):
        found: Project | None = projects.filter(pk=project_id).first() if project_id else None
        if found is not None:
            return found
    newest: Project | None = projects.archived(False).newest_first().first()
    return newest


def make_current(project: Project, user: User, session: Session) -> None:
    """Let a person work in `project` from now on: in this browser session, and wherever there is none."""
    if session.get(SESSION_KEY) != project.pk:
        session[SESSION_KEY] = project.pk
        remember_project(user=user, project_id=project.pk)


def forget_current(user: User, session: Session) -> None:
    """Let a person work in no project: it was left or deleted."""
    session.pop(SESSION_KEY, None)
    remember_project(user=user, project_id=None)
