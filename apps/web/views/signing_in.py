"""Signing in with a password or a one-time link, and signing out."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.accounts.services import use_sign_in_link
from apps.web.forms.accounts import SignInForm

BACKEND = "apps.accounts.backends.EmailBackend"


class SignInView(LoginView):
    """The sign-in page."""

    template_name = "web/pages/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


@never_cache
@require_GET
def one_time_link(request: HttpRequest, key: str) -> HttpResponse:
    """Sign the person of a one-time link in; the link works once."""
    login(request, use_sign_in_link(key=key), backend=BACKEND)
    return redirect("web:projects")
