"""Answers whose type does not depend on the `Accept` header."""

from __future__ import annotations

from collections.abc import Iterable

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class AnyAccepted(DefaultContentNegotiation):
    """The file's type follows from the format asked for, whatever `Accept` says."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the first renderer, for errors."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or "application/json"
