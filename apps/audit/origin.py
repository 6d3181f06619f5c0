"""From where the request in hand comes, for the log and for rate limits."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

address: ContextVar[str | None] = ContextVar("address", default=None)
"""The client's IP address; None outside of a request."""

user_agent: ContextVar[str] = ContextVar("user_agent", default="")
"""What the client says it is."""


def valid_address() -> str | None:
    """Return the client's address if it is one: a proxy may forward anything."""
    text = address.get()
    try:
        return str(ipaddress.ip_address(text)) if text else None
    except ValueError:
        return None


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address; behind a proxy, the one that our proxy saw."""
    if settings.BEHIND_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
        if forwarded:
            return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))


class OriginMiddleware:
    """Keeps the client's address at hand while its request is served."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address_before = address.set(client_address(request) or None)
        agent_before = user_agent.set(request.META.get("HTTP_USER_AGENT", ""))
        try:
            return self.get_response(request)
        finally:
            address.reset(address_before)
            user_agent.reset(agent_before)
