"""A real HTTP server that speaks the ML protocol, well or in one of the many wrong ways that a test chooses.

with fake_backend() as fake:
    fake.answers("/predict", status=500, document={"detail": "CUDA out of memory"})
    ...
    assert fake.requests_to("/predict")[0].document["tasks"]
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Behaviour = Callable[["Exchange"], None]


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    document: Any


@dataclass
class Exchange:
    """One request and the means to answer it, byte by byte if need be."""

    request: Received
    backend: FakeBackend
    handler: BaseHTTPRequestHandler

    def reply(self, document: Any, status: int = 200) -> None:
        """Answer JSON; NaN is written as Python writes it."""
        self.send(json.dumps(document).encode(), status=status)

    def send(
        self,
        body: bytes,
        *,
        status: int = 200,
        content_type: str = "application/json",
        length: int | None = None,
    ) -> None:
        """Answer bytes; `length` is what is declared of them."""
        self.backend.leaves(self)  # whoever has the answer may send the next request
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", content_type)
        self.handler.send_header("Content-Length", str(len(body) if length is None else length))
        self.handler.end_headers()
        self.handler.wfile.write(body)


@dataclass
class FakeBackend:
    """The state of the server: how it answers, and what it was asked.

    Attributes:
        model_version: what /setup, /predict and the like name.
        predict: makes the prediction for a task; by default the same choice for every text.
        is_flask_era: whether it has the routes of the Flask era, and only those.
        trains: whether it learns at once: each training counts `model_version` on.
        credentials: "user:password" that it wants, as HTTP Basic sends them.
    """

    url: str = ""
    model_version: str = "v1"
    is_flask_era: bool = False
    credentials: str | None = None
    predict: Callable[[dict[str, Any]], Any] = field(default_factory=lambda: positive)
    requests: list[Received] = field(default_factory=list)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    stopping: Callable[[], None] = lambda: None
    released: threading.Event = field(default_factory=threading.Event)
    most_calls_at_once: int = 0
    _under_way: set[int] = field(default_factory=set)
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def behaves(self, path: str, behaviour: Behaviour) -> None:
        """Answer requests to `path` with `behaviour` from now on."""
        self.behaviours[path] = behaviour

    def is_well(self) -> None:
        """Take back all that was wrong."""
        self.behaviours.clear()

    def answers(self, path: str, document: Any, status: int = 200) -> None:
        """Answer requests to `path` with this JSON."""
        self.behaves(path, lambda exchange: exchange.reply(document, status))

    def answers_html(self, path: str) -> None:
        """Answer requests to `path` as a sign-in page before the backend would."""
        page = b"<!doctype html><title>Sign in</title>"
        self.behaves(path, lambda exchange: exchange.send(page, content_type="text/html"))

    def answers_bytes(self, path: str, body: bytes) -> None:
        """Answer requests to `path` with these bytes, called JSON."""
        self.behaves(path, lambda exchange: exchange.send(body))

    def redirects(self, path: str, location: str, status: int = 307) -> None:
        """Send requests to `path` elsewhere."""

        def redirect(exchange: Exchange) -> None:
            exchange.handler.send_response(status)
            exchange.handler.send_header("Location", location)
            exchange.handler.send_header("Content-Length", "0")
            exchange.handler.end_headers()

        self.behaves(path, redirect)

    def is_silent(self, path: str) -> None:
        """Take requests to `path` and answer nothing before the end of the test, or `released`."""
        self.behaves(path, lambda exchange: _wait(exchange.backend))

    def dies_mid_answer(self, path: str) -> None:
        """Send the first half of an answer to requests to `path`, and close."""

        def die(exchange: Exchange) -> None:
            exchange.send(b'{"results": [{"res', length=1_000)

        self.behaves(path, die)

    def answers_too_much(self, path: str, megabytes: int = 100) -> None:
        """Answer requests to `path` with so many megabytes."""

        def flood(exchange: Exchange) -> None:
            block = b" " * (1 << 20)
            exchange.handler.send_response(200)
            exchange.handler.end_headers()
            try:
                for _ in range(megabytes):
                    exchange.handler.wfile.write(block)
            except OSError:  # the other side has had enough
                return

        self.behaves(path, flood)

    def stop(self) -> None:
        """Listen no more, as a backend that is down."""
        self.stopping()

    def requests_to(self, path: str) -> list[Received]:
        """Return the requests to `path` so far, in their order."""
        return [request for request in self.requests if request.path == path]

    def answer(self, exchange: Exchange) -> None:
        """Answer one request."""
        with self._counting:
            self.requests.append(exchange.request)
            if exchange.request.path == "/predict":  # a run that starts asks for the version meanwhile
                self._under_way.add(id(exchange))
            self.most_calls_at_once = max(self.most_calls_at_once, self.calls_at_once)
        try:
            self._answer(exchange)
        finally:
            self.leaves(exchange)

    def leaves(self, exchange: Exchange) -> None:
        """Count a request no more."""
        with self._counting:
            self._under_way.discard(id(exchange))

    @property
    def calls_at_once(self) -> int:
        """How many requests for predictions are under way."""
        return len(self._under_way)

    def _answer(self, exchange: Exchange) -> None:
        path = exchange.request.path
        routes = _FLASK_ERA if self.is_flask_era else _CURRENT
        if self.credentials is not None and not _signed_in(exchange.request, self.credentials):
            exchange.reply({"detail": "Sign in"}, 401)
        elif path in self.behaviours:
            self.behaviours[path](exchange)
        elif path in routes:
            routes[path](exchange)
        else:
            exchange.send(b"<h1>Not Found</h1>", status=404, content_type="text/html")


def positive(task: dict[str, Any]) -> dict[str, Any]:
    """Find every text positive, the surer the smaller the task's id is."""
    return {
        "result": [
            {"id": "p1", "from_name": "sentiment", "to_name": "text", "type": "choices",
             "value": {"choices": ["Positive"]}}
        ],
        "score": 1 / (1 + task["id"]),
    }  # fmt: skip


@contextmanager
def fake_backend(**state: Any) -> Iterator[FakeBackend]:
    """Run a backend on a port of its own while a block runs."""
    backend = FakeBackend(**state)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._handle()

        def do_POST(self) -> None:
            self._handle()

        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            document = json.loads(body) if body else None
            received = Received(self.command, parts.path, parse_qs(parts.query), headers, document)
            backend.answer(Exchange(received, backend, self))

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing: tests look at `requests`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    backend.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()

    def stop() -> None:
        backend.released.set()
        server.shutdown()
        server.server_close()
        thread.join()

    backend.stopping = stop
    try:
        yield backend
    finally:
        stop()


def _signed_in(request: Received, credentials: str) -> bool:

    expected = "Basic " + base64.b64encode(credentials.encode()).decode()
    return request.headers.get("authorization") == expected


def _wait(backend: FakeBackend) -> None:
    backend.released.wait(60)


def _health(exchange: Exchange) -> None:
    exchange.reply({"status": "UP", "model_class": "Sentiments"})


def _health_of_flask_era(exchange: Exchange) -> None:
    exchange.reply({"status": "UP", "model_dir": "/data/models"})


def _setup(exchange: Exchange) -> None:
    exchange.reply({"model_version": exchange.backend.model_version})


def _predict(exchange: Exchange) -> None:
    backend = exchange.backend
    results = [backend.predict(task) for task in exchange.request.document["tasks"]]
    exchange.reply({"results": results, "model_version": backend.model_version})


def _webhook(exchange: Exchange) -> None:
    if exchange.request.document["action"] != "START_TRAINING":
        exchange.reply({"status": "Unknown event"})
        return
    _learn(exchange.backend)
    exchange.reply({"result": {}, "status": "ok"}, 201)


def _train(exchange: Exchange) -> None:
    if not exchange.request.document["completions"]:
        exchange.reply("No completions found.", 400)
        return
    _learn(exchange.backend)
    exchange.reply({}, 201)


def _learn(backend: FakeBackend) -> None:
    backend.model_version = f"v{int(backend.model_version.removeprefix('v')) + 1}"


def _is_training(exchange: Exchange) -> None:
    version = exchange.backend.model_version
    exchange.reply({"is_training": False, "backend": "none", "model_version": version})


def _versions(exchange: Exchange) -> None:
    exchange.reply({"versions": [exchange.backend.model_version]})


_CURRENT: dict[str, Behaviour] = {
    "/health": _health,
    "/setup": _setup,
    "/predict": _predict,
    "/webhook": _webhook,
    "/versions": _versions,
}
_FLASK_ERA: dict[str, Behaviour] = {
    "/health": _health_of_flask_era,
    "/setup": _setup,
    "/predict": _predict,
    "/train": _train,
    "/is_training": _is_training,
}
