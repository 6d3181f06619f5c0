"""A client's connection as a busy web process uses it: with as few system calls as an answer needs.

Each of them lets go of Python's lock, and while other threads are at work, a thread waits to get it back. gunicorn sets
the timeout of a connection four times for a request, and sends the head of an answer apart from its body.
"""

from __future__ import annotations

import socket
from typing import Any

_HEAD_STARTS, _HEAD_ENDS = b"HTTP/", b"\r\n\r\n"


class ClientSocket(socket.socket):
    """Sends the head of an answer together with what follows it, and sets a timeout when it is about to count."""

    _head = b""
    _set_timeout: float | None
    _timeout: float | None

    @classmethod
    def of(cls, accepted: socket.socket) -> ClientSocket:
        """Return what serves an accepted connection in the place of `accepted`, which is emptied."""
        timeout = accepted.gettimeout()
        made = cls(fileno=accepted.detach())
        made._set_timeout = made._timeout = timeout
        return made

    def setblocking(self, flag: bool) -> None:
        """Wait for each reading and writing from now on, or for none."""
        self._timeout = None if flag else 0.0

    def settimeout(self, value: float | None) -> None:
        """Wait for so many seconds at most in each reading and writing from now on."""
        self._timeout = value

    def gettimeout(self) -> float | None:
        """Return what was set last."""
        return self._timeout

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Read what has come."""
        self._prepare()
        return super().recv(bufsize, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send, unless it is the head of an answer: that goes out with what is sent next, or with `flush`."""
        if not self._head and data.startswith(_HEAD_STARTS) and data.endswith(_HEAD_ENDS):
            self._head = data
            return
        head, self._head = self._head, b""
        self._prepare()
        super().sendall(head + data if head else data, flags)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send a part of a file."""
        self.flush()
        self._prepare()
        return super().sendfile(file, offset, count)

    def flush(self) -> None:
        """Send the head of an answer that has no body."""
        if self._head:
            self.sendall(b"")

    def _prepare(self) -> None:
        if self._timeout != self._set_timeout:
            super().settimeout(self._timeout)
            self._set_timeout = self._timeout
