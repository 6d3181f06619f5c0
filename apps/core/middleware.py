"""What every request passes through: an id for the log, 503 while the database is away, JSON for unknown API routes."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.error_responses import error_body
from apps.core.json import dumps
from apps.core.request_log import request_id

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Names each request, in the log and in the answer's `X-Request-ID`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.set(f"{random.getrandbits(48):012x}")
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)


class UnavailableMiddleware:
    """Answers 503 with `Retry-After` while the database cannot be reached."""

    RETRY_AFTER_SECONDS = 5

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn a lost database into a 503; every other exception goes on."""
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        logger.error("The database does not answer", exc_info=exception)
        if is_api(request):
            response = api_error(
                503, "The database does not answer at the moment. Try again in a few seconds."
            )
        else:
            response = render(request, "503.html", status=503)
        response["Retry-After"] = str(self.RETRY_AFTER_SECONDS)
        return response


class BodySizeMiddleware:
    """Answers 413 to a body that is declared larger than any upload may be, before anything reads it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        declared = request.META.get("CONTENT_LENGTH") or "0"
        limit: int = settings.MAX_UPLOAD_BYTES
        if not declared.isdecimal() or int(declared) <= limit:
            return self.get_response(request)
        message = (
            f"The upload has {int(declared):,} bytes; this server takes {limit:,} at once."
            " Split it, or import it on the server with `manage.py import_tasks`."
        )
        if is_api(request):
            return api_error(413, message)
        return render(request, "413.html", {"detail": message}, status=413)


class ApiNotFoundMiddleware:
    """Answers 404, 405 and 500 below `/api/` in JSON, also where no view was reached."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        html = response.get("Content-Type", "").startswith("text/html")
        if not (is_api(request) and html and response.status_code >= 400):
            return response
        details = {
            403: "The request was refused: its CSRF token is missing or wrong.",
            404: f"There is no API route {request.path}. See /api/docs/.",
            500: "The server failed. The log has the details under this request's id.",
        }
        return api_error(response.status_code, details.get(response.status_code, response.reason_phrase))


def is_api(request: HttpRequest) -> bool:
    """Whether the caller expects JSON."""
    return request.path.startswith("/api/") and not request.path.startswith("/api/docs")


def api_error(status_code: int, detail: str) -> HttpResponse:
    """Return the API's error document as a response."""
    return HttpResponse(
        dumps(error_body(status_code=status_code, detail=detail)),
        status=status_code,
        content_type="application/json",
    )
