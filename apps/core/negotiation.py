"""Which type an answer has: where there is one only, and where it does not depend on the `Accept` header."""

from __future__ import annotations

from collections.abc import Iterable

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class OftenJson(DefaultContentNegotiation):
    """What nearly every caller of the API accepts is told without taking the header apart."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer that the caller accepts, and the type it writes.

        Raises:
            NotAcceptable: there is none.
        """
        plain = request.META.get("HTTP_ACCEPT", "*/*") in ("*/*", "application/json")
        if plain and "format=" not in request.META["QUERY_STRING"]:
            renderers = list(renderers)
            if [renderer.media_type for renderer in renderers] == ["application/json"]:
                return renderers[0], "application/json"
        renderer, media_type = super().select_renderer(request, renderers, format_suffix)
        return renderer, media_type


class AnyAccepted(DefaultContentNegotiation):
    """The file's type follows from the format asked for, whatever `Accept` says."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the first renderer, for errors."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or "application/json"
