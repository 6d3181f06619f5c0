"""Multisession mode on the pages: who comes without an account is admitted as a guest, and all have a project.

A browser's first visit is sent to `/guest` with a short-lived cookie, and only there, with the cookie, a guest is made.
Robots, health checks and link previews keep no cookies, so they never make one.
"""

from __future__ import annotations

import time
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.accounts.guests import VISIT_SECONDS
from apps.accounts.models import User, new_secret
from apps.projects.first_projects import ensure_first_project
from apps.projects.guests import hand_over

BACKEND = "apps.accounts.backends.EmailBackend"
VISIT_COOKIE = "label_studio_visit"
MAX_VISITS = 20
DAY_SECONDS = 24 * 3600
HAS_PROJECT = "has_project"
KEPT_AT = "kept_at"


def guest_entry(request: HttpRequest) -> HttpResponse | None:
    """Return the way in for a browser in which nobody signed in; None when there is none."""
    if not (settings.GUESTS_ALLOWED and _shows_a_page(request)):
        return None
    response = redirect(f"{reverse('web:guest')}?{urlencode({'next': request.get_full_path()})}")
    response["Cache-Control"] = "no-store"
    if not visits_of(request):
        # A name of its own: of tabs that open at once, none takes away what another was given.
        response.set_signed_cookie(
            f"{VISIT_COOKIE}_{new_secret()[:8]}",
            new_secret(),
            salt=VISIT_COOKIE,
            max_age=VISIT_SECONDS,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    return response


def _shows_a_page(request: HttpRequest) -> bool:
    """Whether a browser asked for this to show it to a person now."""
    headers = request.headers
    return (
        request.method == "GET"
        and "text/html" in headers.get("Accept", "")
        and headers.get("Sec-Fetch-Dest", "document") == "document"
        and "prefetch" not in headers.get("Sec-Purpose", headers.get("Purpose", ""))
        and "HX-Request" not in headers
    )


def visits_of(request: HttpRequest) -> list[str]:
    """Return the random texts of a first visit that began a moment ago: one, or one a tab that opened at once."""
    names = [name for name in sorted(request.COOKIES) if name.startswith(VISIT_COOKIE)]
    given = (
        request.get_signed_cookie(name, default=None, salt=VISIT_COOKIE, max_age=VISIT_SECONDS)
        for name in names[:MAX_VISITS]
    )
    return [visit for visit in given if visit]


def end_visit(request: HttpRequest, response: HttpResponse) -> None:
    """Take the cookies of the first visit away."""
    for name in request.COOKIES:
        if name.startswith(VISIT_COOKIE):
            response.delete_cookie(name, samesite="Lax")


def sign_in(request: HttpRequest, user: User) -> None:
    """Sign a person in; what they did as a guest in this browser becomes theirs."""
    guest = request.user if isinstance(request.user, User) and request.user.is_guest else None
    if guest is not None and guest != user and not user.is_guest:
        hand_over(guest=guest, to=user)
    login(request, user, backend=BACKEND)
    if user.is_guest:
        _keep_session(request)


def _keep_session(request: HttpRequest) -> None:
    """Let a guest's session, their only key, end no earlier than the guest; the cookie's time starts anew."""
    request.session[KEPT_AT] = int(time.time())
    request.session.set_expiry(max(settings.GUEST_LIFETIME_DAYS * DAY_SECONDS, settings.SESSION_COOKIE_AGE))


def welcome(request: HttpRequest, user: User) -> None:
    """Do what multisession mode owes a person on their pages: a project, once a session; for guests, a long session."""
    if not settings.MULTI_SESSION:
        return
    if not request.session.get(HAS_PROJECT):
        ensure_first_project(user=user)
        request.session[HAS_PROJECT] = True
    if user.is_guest and time.time() - request.session.get(KEPT_AT, 0) > DAY_SECONDS:
        _keep_session(request)
