"""How the API writes JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

from apps.core.json import dumps


class OrjsonRenderer(BaseRenderer):
    """UTF-8 JSON, written by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return `data` as bytes; None (a 204) is an empty body."""
        return b"" if data is None else dumps(data)
