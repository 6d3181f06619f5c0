"""HTTP Basic on pages, when the operator started the instance with a name and a password."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.accounts.authentication import basic_credentials, instance_owner

OPEN_PATHS = ("/api/health", "/health", "/version", "/static/", "/link/", "/invite/")


class InstanceBasicAuthMiddleware:
    """Lets basic credentials in on every page and asks for them instead of showing the sign-in form.

    API tokens and existing sessions keep working beside it, with their own rights.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.BASIC_AUTH_PASSWORD or request.path.startswith(OPEN_PATHS):
            return self.get_response(request)
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if header.split(" ")[0].lower() in ("token", "bearer") or request.user.is_authenticated:
            return self.get_response(request)
        credentials = basic_credentials(header)
        owner = instance_owner(*credentials) if credentials else None
        if owner is None:
            return _challenge()
        request.user = owner
        return self.get_response(request)


def _challenge() -> HttpResponse:
    response = HttpResponse("Sign in with the user name and password of this instance.\n", status=401)
    response["Content-Type"] = "text/plain"
    response["WWW-Authenticate"] = 'Basic realm="Label Studio", charset="UTF-8"'
    return response
