"""The id of the request in hand, on every line of the log. Imported by the logging set-up, so before any app."""

from __future__ import annotations

import logging
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Gives each log record the id of the request it was written in."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add `request_id` and let every record pass."""
        record.request_id = request_id.get()
        return True
