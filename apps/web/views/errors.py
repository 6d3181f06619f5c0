"""Error pages. They use neither the session nor the database, so that they can be shown when these fail."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

_WITH_TEMPLATE = (400, 403, 404, 413, 429, 500, 503)


def error_page(request: HttpRequest, status: int, detail: str = "") -> HttpResponse:
    """Return the page for an HTTP status, with a sentence on what happened."""
    page = status if status in _WITH_TEMPLATE else 500 if status >= 500 else 400
    return HttpResponse(render_to_string(f"{page}.html", {"detail": detail, "status": status}), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a malformed request."""
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what this person may not do."""
    return error_page(request, 403, str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere; the exception's text names routes, so it is not shown."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a failure of ours."""
    return error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "", **kwargs: Any) -> HttpResponse:
    """Answer a form whose token is missing or too old."""
    return error_page(
        request,
        403,
        "This form was open for too long, or cookies are off. Go back, reload the page and send it again.",
    )
