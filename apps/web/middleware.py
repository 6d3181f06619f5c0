"""What pages need and the API does not: messages to show, and errors of services as pages."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest, HttpResponse

from apps.core.errors import ProductError
from apps.core.middleware import is_api
from apps.web.views.errors import error_page


class PageMessagesMiddleware(MessageMiddleware):
    """Keeps messages for the next page; a program that calls the API gets none."""

    def process_request(self, request: HttpRequest) -> None:
        """Open the store of messages."""
        if not is_api(request):
            super().process_request(request)


class ProductErrorMiddleware:
    """Shows an error page for a `ProductError` that a page's view did not handle itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer with the error's status and message; every other exception goes on."""
        if not isinstance(exception, ProductError) or is_api(request):
            return None
        return error_page(request, exception.status_code, exception.message)
