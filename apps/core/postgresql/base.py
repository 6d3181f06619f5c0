"""The database backend of all settings (`ENGINE`)."""

from __future__ import annotations

import select
import time

from django.db.backends.postgresql import base

ASKED_EVERY = 10.0
"""Seconds after which the server is asked again whether a connection still works."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks a kept connection less often whether it works than Django does, which asks before each request.

    A server that ends, however it ends, closes its connections: the socket tells that without a question. What it
    does not tell, such as a network that swallows packets, is still found by asking every few seconds.
    """

    health_check_enabled: bool
    health_check_done: bool
    _asked_at = 0.0

    def close_if_health_check_failed(self) -> None:
        """Close the connection before a request uses it, if it does not work any more."""
        now = time.monotonic()
        asked_lately = self.connection is not None and now - self._asked_at < ASKED_EVERY
        if asked_lately and not _has_something_to_say(self.connection.fileno()):
            self.health_check_done = True
        if not self.health_check_done:
            super().close_if_health_check_failed()
            self._asked_at = now

    def connect(self) -> None:
        """Connect; a connection that was just made works."""
        super().connect()
        self._asked_at = time.monotonic()


def _has_something_to_say(descriptor: int) -> bool:
    """Whether the other end of a socket has closed it, or sent what nobody asked for, as a server does that ends."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
