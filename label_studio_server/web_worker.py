"""The process of the web server: gunicorn's with threads, which shares connections evenly and keeps to its threads.

All processes wait at one socket, and the kernel wakes any of them: of eight people who come at once, one process may
get seven. Connections are kept, so it would do nearly all the work, on one core, for as long as those people stay.
So a process leaves new connections to those that have fewer.

Between two requests gunicorn takes a connection from the thread that served it, watches it in the main thread, and
hands it to another thread; with Python's lock that takes a good part of the time of a short request. Programs, and
pages that have submitted, ask again at once. So a thread waits at its connection for a moment, unless it is needed.
"""

from __future__ import annotations

import mmap
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from label_studio_server.client_socket import ClientSocket

GIVING_WAY = 0.005
"""Seconds that a process leaves to the others before it takes a connection although it has more than they."""

STAYING = 0.25
"""Seconds that a thread waits at its connection for the next request, while no other request needs the thread."""

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


class Threads:
    """The threads of a process: how many are at a connection, and a way to call one back that only waits there.

    Args:
        number: how many there are.
    """

    def __init__(self, number: int) -> None:
        self._number, self._coming, self._busy, self._staying = number, 0, 0, 0
        self._lock = threading.Lock()
        self._called_back, self._call = socket.socketpair()
        for end in (self._called_back, self._call):
            end.setblocking(False)

    def expect_one(self) -> None:
        """Count a request that is to get a thread; if no thread is free, one that only waits is called back."""
        with self._lock:
            self._coming += 1
            needed = self._staying > 0 and self._busy + self._coming > self._number
        if needed:
            with suppress(BlockingIOError):  # more calls than there are threads wait to be heard
                self._call.send(b"!")

    @contextmanager
    def one_busy(self) -> Iterator[None]:
        """Count this thread as busy, with a request that was expected."""
        with self._lock:
            self._coming, self._busy = self._coming - 1, self._busy + 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1

    def stay_at(self, connection: socket.socket, seconds: float) -> bool:
        """Wait until a connection has something to read; return whether it has, or else the thread is needed."""
        with self._lock:
            if self._coming:
                return False
            self._staying += 1
        try:
            return self._wait_at(connection, seconds)
        finally:
            with self._lock:
                self._staying -= 1

    def _wait_at(self, connection: socket.socket, seconds: float) -> bool:
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        poll.register(self._called_back, select.POLLIN)
        ready = {descriptor for descriptor, _ in poll.poll(seconds * 1000)}
        if connection.fileno() in ready:
            return True
        if ready:
            with suppress(BlockingIOError):  # another thread heard the call, too
                self._called_back.recv(1)
        return False


class _Accepting:
    """A listener whose connections are `ClientSocket`s."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.getsockname = listener.getsockname

    def accept(self) -> tuple[ClientSocket, Any]:
        connection, address = self._listener.accept()
        return ClientSocket.of(connection), address


class EvenThreadWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Serves with threads, and gives way to processes that have fewer connections."""

    counts = SharedCounts()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # The setting is for gevent, where each connection may be at work.
        self.worker_connections = KEPT_CONNECTIONS
        self.max_keepalived = KEPT_CONNECTIONS - self.cfg.threads

    def init_process(self) -> None:
        """Serve until we are told to stop; called in the process itself."""
        self._threads = Threads(self.cfg.threads)
        super().init_process()

    def notify(self) -> None:
        """Tell gunicorn that we live, and the other processes how many connections we have; done in each round."""
        super().notify()
        self.counts.write(self.age, self.nr_conns)

    def accept(self, listener: socket.socket) -> None:
        """Take a connection; if another process has fewer, only when it does not take it at once."""
        fewest = self.counts.fewest_beside(self.age)
        if fewest is not None and fewest < self.nr_conns:
            time.sleep(GIVING_WAY)
        super().accept(listener if self.cfg.is_ssl else _Accepting(listener))
        self.counts.write(self.age, self.nr_conns)

    def enqueue_req(self, conn: Any) -> None:
        """Let a thread serve a request; one that only waits at its connection comes back for it."""
        self._threads.expect_one()
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Serve requests of a connection, as long as they come at once; return what is to become of it."""
        with self._threads.one_busy():
            keep = super().handle(conn)
            while keep is True and self._asks_again(conn):
                keep = super().handle(conn)
        return keep

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Serve one request; return whether the connection is kept."""
        keep = super().handle_request(req, conn)
        if isinstance(conn.sock, ClientSocket):
            conn.sock.flush()
        return keep

    def _asks_again(self, conn: Any) -> bool:
        if conn.parser.unreader.buf.getvalue():  # the next request was read together with this one
            return True
        # TLS may have read what the socket does not show any more: gunicorn knows how to wait there.
        return self.alive and not self.cfg.is_ssl and self._threads.stay_at(conn.sock, STAYING)
