"""What every page's frame shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.accounts.models import User
from apps.comments.queries import count_unread
from apps.core.version import VERSION
from apps.projects.models import Project

SWITCHER_SIZE = 100


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's context; nothing here touches the database before a template asks for it."""
    projects: Callable[[], list[Project]] = partial(_projects, request)
    return {
        "switcher_projects": projects,
        "unread_mentions": partial(_unread_mentions, request),
        "csrf_cookie_name": settings.CSRF_COOKIE_NAME,
        "product_version": VERSION,
        "multi_session": settings.MULTI_SESSION,
        "guests_allowed": settings.GUESTS_ALLOWED,
        "signs_in_by_basic_auth": bool(settings.BASIC_AUTH_PASSWORD),
    }


def _unread_mentions(request: HttpRequest) -> int:
    return count_unread(request.user) if isinstance(request.user, User) else 0


def _projects(request: HttpRequest) -> list[Project]:
    user = request.user
    if not isinstance(user, User):
        return []
    return list(Project.objects.for_user(user).newest_first()[:SWITCHER_SIZE])
