"""Signing in with a password or a one-time link, and signing out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.accounts.services import use_sign_in_link
from apps.web.forms.accounts import SignInForm
from apps.web.multisession import BACKEND as BACKEND
from apps.web.multisession import sign_in
from apps.web.views.errors import error_page


class SignInView(LoginView):
    """The sign-in page."""

    template_name = "web/pages/sign_in.html"
    authentication_form = SignInForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send people who are signed in on their way; guests may sign in with an account they have."""
        self.redirect_authenticated_user = not getattr(request.user, "is_guest", False)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign the person in and go on."""
        sign_in(self.request, form.get_user())
        return redirect(self.get_success_url())


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
    sign_in(request, use_sign_in_link(key=key))
    return redirect("web:projects")
