"""A plain HTTP client that keeps its connection, so that little of what is measured is the client."""

from __future__ import annotations

import http.client
import json
import time
from pathlib import Path
from typing import Any

BLOCK = 1 << 20
TIMEOUT = 1800.0  # seconds: an import of a million tasks is one request


class UnexpectedStatus(RuntimeError):
    """The server answered something else than the measurement needs."""


class Client:
    """Acts as the person whose API token is given.

    Args:
        port: of the server on this machine.
        token: the person's key.
    """

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT, blocksize=BLOCK)
        self._headers = {"Authorization": f"Token {token}"}

    def get(self, path: str) -> Any:
        """Return the JSON document at a path."""
        return json.loads(self._ask("GET", path, None, (200,)).read())

    def post(self, path: str, document: Any) -> Any:
        """Send a JSON document and return the answer."""
        return json.loads(self._ask("POST", path, json.dumps(document).encode(), (201,)).read())

    def post_file(self, path: str, file: Path, *, expected: tuple[int, ...] = (201,)) -> Any:
        """Send a file as a JSON body, in blocks, and return the answer."""
        headers = {"Content-Length": str(file.stat().st_size)}
        with file.open("rb") as stream:
            return json.loads(self._ask("POST", path, stream, expected, headers).read())

    def download(self, path: str) -> tuple[int, float]:
        """Read an answer to its end; return its size in bytes and the seconds until its first byte."""
        started = time.perf_counter()
        answer = self._ask("GET", path, None, (200,))
        size = len(answer.read(1))
        first_byte = time.perf_counter() - started
        while block := answer.read(BLOCK):
            size += len(block)
        return size, first_byte

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(
        self,
        method: str,
        path: str,
        body: Any,
        expected: tuple[int, ...],
        headers: dict[str, str] | None = None,
    ) -> http.client.HTTPResponse:
        given = {**self._headers, **(headers or {})}
        if body is not None:
            given["Content-Type"] = "application/json"
        self._connection.request(method, path, body=body, headers=given)
        answer = self._connection.getresponse()
        if answer.status not in expected:
            text = answer.read(500).decode("utf-8", "replace")
            raise UnexpectedStatus(f"{method} {path}: {answer.status} instead of {expected[0]}: {text}")
        return answer
