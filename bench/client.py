"""A plain HTTP client that keeps its connection, so that little of what is measured is the client.

It speaks what the server answers with, on a socket of its own: `http.client` and its parser of e-mail headers take as
long for a short answer as the driver of PostgreSQL takes for a whole task. For a page of tasks, so does `json`.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

BLOCK = 1 << 16
TIMEOUT = 1800.0  # seconds: an import of a million tasks is one request
_END_OF_HEAD = b"\r\n\r\n"


class UnexpectedStatus(RuntimeError):
    """The server answered something else than the measurement needs."""


class Client:
    """Acts as the person whose API token is given.

    Args:
        port: of the server on this machine.
        token: the person's key.
    """

    def __init__(self, port: int, token: str) -> None:
        self._address = ("127.0.0.1", port)
        self._head = f" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Token {token}\r\n"
        self._socket: socket.socket | None = None

    def get(self, path: str) -> Any:
        """Return the JSON document at a path."""
        return orjson.loads(self._ask("GET", path, b"", (200,)).read())

    def post(self, path: str, document: Any) -> Any:
        """Send a JSON document and return the answer."""
        return orjson.loads(self._ask("POST", path, orjson.dumps(document), (201,)).read())

    def post_file(self, path: str, file: Path, *, expected: tuple[int, ...] = (201,)) -> Any:
        """Send a file as a JSON body, in blocks, and return the answer."""
        return orjson.loads(self._ask("POST", path, file, expected).read())

    def download(self, path: str) -> tuple[int, float]:
        """Read an answer to its end; return its size in bytes and the seconds until its first byte."""
        started = time.perf_counter()
        size, first_byte = 0, 0.0
        for piece in self._ask("GET", path, b"", (200,)).pieces():
            first_byte = first_byte or time.perf_counter() - started
            size += len(piece)
        return size, first_byte

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _ask(self, method: str, path: str, body: bytes | Path, expected: tuple[int, ...]) -> _Answer:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, TIMEOUT)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size = body.stat().st_size if isinstance(body, Path) else len(body)
        typed = f"Content-Type: application/json\r\nContent-Length: {size}\r\n" if method != "GET" else ""
        head = f"{method} {path}{self._head}{typed}\r\n".encode()
        if isinstance(body, Path):
            self._socket.sendall(head)
            with body.open("rb") as stream:
                self._socket.sendfile(stream)
        else:
            self._socket.sendall(head + body)
        answer = _Answer(self._socket)
        if answer.status not in expected:
            text = answer.read()[:500].decode("utf-8", "replace")
            raise UnexpectedStatus(f"{method} {path}: {answer.status} instead of {expected[0]}: {text}")
        if answer.is_last:
            self._socket = None
        return answer


class _Answer:
    """One answer on a connection; it is read to its end before the next request."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        received = b""
        while (end := received.find(_END_OF_HEAD)) < 0:
            received += self._received()
        head, self._rest = received[:end].decode("latin-1"), received[end + len(_END_OF_HEAD) :]
        first, *lines = head.split("\r\n")
        self.status = int(first.split(" ", 2)[1])
        headers = dict(line.lower().split(": ", 1) for line in lines)
        length = headers.get("content-length")
        self._length = int(length) if length is not None else None
        self._is_chunked = headers.get("transfer-encoding") == "chunked"
        self.is_last = headers.get("connection") == "close"

    def read(self) -> bytes:
        """Return the body."""
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it comes."""
        if self._is_chunked:
            yield from self._chunks()
        elif self._length is not None:
            yield from self._bytes(self._length)
        else:
            yield from self._until_the_end()
        if self.is_last:
            self._connection.close()

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._line(), 16):
            yield from self._bytes(size)
            self._line()
        self._line()

    def _bytes(self, size: int) -> Iterator[bytes]:
        while size > 0:
            self._rest = self._rest or self._received()
            piece, self._rest = self._rest[:size], self._rest[size:]
            size -= len(piece)
            yield piece

    def _until_the_end(self) -> Iterator[bytes]:
        if self._rest:
            yield self._rest
        with suppress(ConnectionError):
            while True:
                yield self._received()

    def _line(self) -> bytes:
        while (end := self._rest.find(b"\r\n")) < 0:
            self._rest += self._received()
        line, self._rest = self._rest[:end], self._rest[end + 2 :]
        return line

    def _received(self) -> bytes:
        piece = self._connection.recv(BLOCK)
        if not piece:
            raise ConnectionError("The server closed the connection in the middle of an answer.")
        return piece
