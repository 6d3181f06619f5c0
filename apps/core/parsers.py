"""How the API reads JSON bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework.parsers import JSONParser

from apps.core.errors import TooLarge
from apps.core.json import loads


class StrictJSONParser(JSONParser):
    """JSON that Postgres can store, of bounded size; anything else is a clear 400 or 413."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge(f"The request's body is larger than {limit:,} bytes.")
        return loads(body)
