"""The labeling server's REST API, as far as a model needs it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3

from label_studio_ml.errors import ServerUnreachable

CONNECT_SECONDS = 5
READ_SECONDS = 100
MAX_REPLY_BYTES = 1 << 30
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where the labeling server is, and the token that it, and it alone, is shown."""

    hostname: str
    token: str | None

    def owns(self, url: str) -> bool:
        """Whether `url` lies on this very server: same scheme, host and port."""
        return bool(self.hostname) and _origin(url) == _origin(self.hostname)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port


class ServerClient:
    """Calls the labeling server; every call is bounded in time and size, and follows no redirect."""

    def __init__(self, address: ServerAddress, *, read_seconds: float = READ_SECONDS) -> None:
        self.address = address
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds),
            retries=urllib3.Retry(total=2, redirect=0, status=0, raise_on_redirect=False),
        )

    def request(
        self, method: str, path: str, *, body: Any = None, query: dict[str, Any] | None = None
    ) -> Any:
        """Return the JSON that the server answers.

        Args:
            method: GET, POST, PATCH or DELETE.
            path: such as `/api/tasks/5/`.
            body: sent as JSON.
            query: sent in the address.

        Raises:
            ServerUnreachable: no answer, an answer that says no, or one that is no JSON.
        """
        if not self.address.hostname:
            raise ServerUnreachable(
                "The address of the labeling server is not known: it has not called /setup with its hostname."
                " Set LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY."
            )
        url = self.address.hostname.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        content = self._answer(method, url, body)
        try:
            return json.loads(content) if content else None
        except ValueError as error:
            raise ServerUnreachable(f"{method} {url} answered something that is no JSON.") from error

    def _answer(self, method: str, url: str, body: Any) -> bytes:
        headers = {"Accept": "application/json", **self._credentials()}
        if body is not None:
            headers["Content-Type"] = "application/json"
        sent = None if body is None else json.dumps(body, allow_nan=False).encode()
        try:
            reply = self._pool.request(method, url, headers=headers, body=sent, preload_content=False)
            content = _bounded(reply, method, url)
        except urllib3.exceptions.HTTPError as error:
            raise ServerUnreachable(f"{method} {url} failed: {error}") from error
        if not 200 <= reply.status < 300:
            said = content[:300].decode(errors="replace")
            raise ServerUnreachable(f"{method} {url} answered {reply.status}: {said}")
        return content

    def _credentials(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.address.token}"} if self.address.token else {}

    def labeled_tasks(self, project: str) -> list[dict[str, Any]]:
        """Return the tasks of a project that have completions, with them, under `annotations`."""
        tasks = self.request("GET", f"/api/projects/{project}/export", query={"exportType": "JSON"})
        if not isinstance(tasks, list):
            raise ServerUnreachable(f"The export of project {project} is no list of tasks.")
        return tasks

    def task(self, task: int) -> dict[str, Any]:
        """Return one task."""
        found: dict[str, Any] = self.request("GET", f"/api/tasks/{task}/")
        return found

    def create_prediction(self, task: int, prediction: dict[str, Any]) -> dict[str, Any]:
        """Store a prediction of a task, and return it."""
        created: dict[str, Any] = self.request("POST", "/api/predictions/", body={"task": task, **prediction})
        return created


def _bounded(reply: urllib3.BaseHTTPResponse, method: str, url: str) -> bytes:
    parts = []
    size = 0
    for part in reply.stream(_CHUNK):
        size += len(part)
        if size > MAX_REPLY_BYTES:
            reply.close()
            raise ServerUnreachable(f"{method} {url} answered more than {MAX_REPLY_BYTES} bytes.")
        parts.append(part)
    reply.release_conn()
    return b"".join(parts)
