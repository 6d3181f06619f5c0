"""Who may open a page: somebody signed in, whose role in the project allows it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from apps.accounts.models import User
from apps.projects.current_project import make_current
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.queries import project_for
from apps.web.multisession import guest_entry, welcome

View = Callable[..., HttpResponseBase]


class SignedInRequest(HttpRequest):
    """A request that passed `signed_in`."""

    user: User
    htmx: HtmxDetails


def signed_in(view: View) -> View:
    """Let only people who are signed in reach `view`.

    Others go to the sign-in page, or in multisession mode to the entry of guests, and come back after it.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request.user, User):
            welcome(request, request.user)
            return view(request, *args, **kwargs)
        if entry := guest_entry(request):
            return entry
        if getattr(request, "htmx", False):
            return (
                HttpResponseClientRefresh()
            )  # a part of a page cannot show the sign-in form: reload the whole
        return redirect_to_login(request.get_full_path())

    return wrapper


def open_project(request: SignedInRequest, project_id: int, action: Action) -> Project:
    """Return the project of a page and remember it as this person's current one.

    Raises:
        NotFound: the person may not know of it.
        NotAllowed: their role does not allow `action`.
    """
    project = project_for(request.user, project_id, action)
    make_current(project, request.user, request.session)
    return project
