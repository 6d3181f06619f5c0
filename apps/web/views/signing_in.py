"""Signing in with a password or a one-time link, and signing out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.accounts.services import use_sign_in_link
from apps.web.forms.accounts import SignInForm
from apps.web.views.errors import error_page

BACKEND = "apps.accounts.backends.EmailBackend"


class SignInView(LoginView):
    """The sign-in page."""

    template_name = "web/pages/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer somebody who typed too many wrong passwords: the same for accounts that exist and that do not."""
    wait: timedelta = settings.AXES_COOLOFF_TIME
    minutes = int(wait.total_seconds() // 60)
    response = error_page(request, 429, f"Too many wrong passwords. Try again in {minutes} minutes.")
    response["Retry-After"] = str(int(wait.total_seconds()))
    return response


@never_cache
@require_GET
def one_time_link(request: HttpRequest, key: str) -> HttpResponse:
    """Sign the person of a one-time link in; the link works once."""
    login(request, use_sign_in_link(key=key), backend=BACKEND)
    return redirect("web:projects")
