"""The database backend of all settings (`ENGINE`)."""

from __future__ import annotations

import select
import time
from typing import Any

from django.db.backends.postgresql import base

ASKED_EVERY = 10.0
"""Seconds after which the server is asked again whether a connection still works."""

LOOKED_AT_EVERY = 0.05
"""Seconds after which the socket of a connection is looked at again."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks a kept connection less often whether it works than Django does, which asks before each request.

    A server that ends, however it ends, closes its connections: the socket tells that without a question. What it
    does not tell, such as a network that swallows packets, is still found by asking every few seconds.
    """

    health_check_enabled: bool
    health_check_done: bool
    prepared: set[str] | None = None
    """The names of the statements that are prepared on the connection; None on a new one."""

    _asked_at = 0.0
    _looked_at = 0.0

    def close_if_health_check_failed(self) -> None:
        """Close the connection before a request uses it, if it does not work any more."""
        if self.health_check_done:
            return
        now = time.monotonic()
        if self.connection is not None and now - self._asked_at < ASKED_EVERY:
            self.health_check_done = self._is_silent(now)
        if not self.health_check_done:
            super().close_if_health_check_failed()
            self._asked_at = now

    def _is_silent(self, now: float) -> bool:
        """Whether the server has not closed the connection; a busy process does not look before each request."""
        if now - self._looked_at >= LOOKED_AT_EVERY:
            if _has_something_to_say(self.connection.fileno()):
                return False
            self._looked_at = now
        return True

    def connect(self) -> None:
        """Connect; a connection that was just made works."""
        super().connect()
        self._asked_at, self.prepared = time.monotonic(), None

    def quick_cursor(self) -> Any:
        """Return a cursor of the driver itself: what Django wraps round one takes as long as a short statement does.

        Where somebody counts or logs statements, it is Django's. Either way the caller wraps errors.
        """
        if self.queries_logged or self.execute_wrappers:
            return self.cursor()
        self.close_if_health_check_failed()
        if self.connection is None:
            self.ensure_connection()
        self.validate_no_broken_transaction()
        return self.create_cursor()


def _has_something_to_say(descriptor: int) -> bool:
    """Whether the other end of a socket has closed it, or sent what nobody asked for, as a server does that ends."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
