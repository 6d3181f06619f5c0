"""The process of the web server: gunicorn's with threads, but new connections go to whichever process has fewest.

All processes wait at one socket, and the kernel wakes any of them: of eight people who come at once, one process may
get seven. Connections are kept, so it would do nearly all the work, on one core, for as long as those people stay.
"""

from __future__ import annotations

import mmap
import socket
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

GIVING_WAY = 0.005
"""Seconds that a process leaves to the others before it takes a connection although it has more than they."""

KEPT_CONNECTIONS = 1000
"""How many connections one process keeps open; they wait without a thread and without a database connection."""

PLACES = 256
_BYTES = 4


class SharedCounts:
    """How many connections each process serves, in memory that they share from before they were forked."""

    def __init__(self) -> None:
        # One more than the count; 0 where there is no process.
        self._places = memoryview(mmap.mmap(-1, PLACES * _BYTES)).cast("I")

    def write(self, place: int, count: int) -> None:
        """Note how many connections the process at a place has."""
        self._places[place % PLACES] = count + 1

    def clear(self, place: int) -> None:
        """Note that the process at a place is gone."""
        self._places[place % PLACES] = 0

    def fewest_beside(self, place: int) -> int | None:
        """Return the least that any other process has; None when there is no other."""
        others = [count - 1 for other, count in enumerate(self._places) if count and other != place % PLACES]
        return min(others, default=None)


class EvenThreadWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Serves with threads, and gives way to processes that have fewer connections."""

    counts = SharedCounts()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # The setting is for gevent, where each connection may be at work.
        self.worker_connections = KEPT_CONNECTIONS
        self.max_keepalived = KEPT_CONNECTIONS - self.cfg.threads

    def notify(self) -> None:
        """Tell gunicorn that we live, and the other processes how many connections we have; done in each round."""
        super().notify()
        self.counts.write(self.age, self.nr_conns)

    def accept(self, listener: socket.socket) -> None:
        """Take a connection; if another process has fewer, only when it does not take it at once."""
        fewest = self.counts.fewest_beside(self.age)
        if fewest is not None and fewest < self.nr_conns:
            time.sleep(GIVING_WAY)
        super().accept(listener)
        self.counts.write(self.age, self.nr_conns)
