"""For tests of models: a directory served privately, and the checks of `label-studio-ml test`."""

from __future__ import annotations

import base64
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import urllib3

from label_studio_ml.errors import BadPrediction, MLBackendError
from label_studio_ml.labeling_config import parse
from label_studio_ml.samples import sample_tasks
from label_studio_ml.validation import checked_predictions

START_SECONDS = 120.0
NEVER_GIVEN = (20_000, 32_000)
"""Ports that systems give to nobody who does not ask for them."""
PROJECT = "label-studio-ml-test"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a backend answered."""

    status: int
    body: Any


class Backend:
    """A running ML backend, called as a labeling server calls it."""

    def __init__(self, url: str, user: str | None = None, password: str | None = None) -> None:
        """Call the backend at `url`, with HTTP Basic when a user is given."""
        self.url = url.rstrip("/")
        credentials = base64.b64encode(f"{user}:{password or ''}".encode()).decode()
        self._headers = {"Authorization": f"Basic {credentials}"} if user else {}
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=120), retries=False)

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Return the reply of a route.

        Args:
            method: GET or POST.
            path: such as `/predict`.
            body: sent as JSON; bytes are sent as they are.
            headers: sent besides.

        Raises:
            MLBackendError: nobody answers.
        """
        content = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        every = {**self._headers, "Content-Type": "application/json", **(headers or {})}
        try:
            reply = self._pool.request(method, self.url + path, body=content, headers=every)
        except urllib3.exceptions.HTTPError as error:
            raise MLBackendError(f"{self.url} does not answer: {error}") from error
        try:
            return Reply(reply.status, orjson.loads(reply.data))
        except ValueError:
            return Reply(reply.status, reply.data.decode(errors="replace"))

    def get(self, path: str) -> Reply:
        """Return the reply to GET."""
        return self.call("GET", path)

    def post(self, path: str, body: Any) -> Reply:
        """Return the reply to POST."""
        return self.call("POST", path, body)


@contextlib.contextmanager
def served(
    target: Path, *arguments: str, environment: Mapping[str, str] | None = None, model_dir: Path | None = None
) -> Iterator[Backend]:
    """Serve a directory, or a script, in a process of its own while a block runs.

    Args:
        target: a directory that `label-studio-ml init` made, or a script.
        arguments: of `label-studio-ml start`, besides.
        environment: variables of the process, besides.
        model_dir: where the model keeps what it learns; a passing one without it.

    Raises:
        MLBackendError: the server ended at its start; with what it said.
    """
    with tempfile.TemporaryDirectory(prefix="label-studio-ml-") as name:
        log = Path(name) / "server.log"
        port = free_port()
        command = [sys.executable, "-m", "label_studio_ml", "start", str(target), "--port", str(port)]
        command += ["--model-dir", str(model_dir or Path(name) / "data"), *arguments]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}
            )
        try:
            backend = Backend(f"http://127.0.0.1:{port}")
            _wait(backend, process, log)
            yield backend
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """Return a port of this machine that nobody listens on, none of those that connections are given meanwhile."""
    while True:
        port = random.randrange(*NEVER_GIVEN)  # noqa: S311 - no secret
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def _wait(backend: Backend, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            backend.get("/health")
        except MLBackendError:
            time.sleep(0.05)
            continue
        return
    raise MLBackendError(f"The ML backend did not start:\n{log.read_text(errors='replace')[-4000:]}")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a labeling server relies on.

    Attributes:
        problem: why it does not hold; None when it does.
    """

    title: str
    problem: str | None


def check_backend(
    backend: Backend, label_config: str, tasks: Sequence[dict[str, Any]] | None = None
) -> list[Check]:
    """Ask a backend what a labeling server asks, and return what holds and what does not.

    Args:
        backend: a running one.
        label_config: the labeling config, as XML.
        tasks: sent to it; without them, tasks are made up from the config.
    """
    config = parse(label_config)
    sent = list(tasks) if tasks else sample_tasks(config)
    setup = {"project": PROJECT, "schema": label_config, "hostname": ""}
    return [
        _check("GET /health says that it is up", lambda: _health(backend)),
        _check("POST /setup names a model version", lambda: _setup(backend, setup)),
        *(
            _check(title, lambda some=some: _predictions(backend, label_config, some))
            for title, some in (
                ("one task is predicted", sent[:1]),
                (f"{len(sent)} tasks are predicted at once", sent),
            )
        ),
    ]


def _check(title: str, run: Any) -> Check:
    try:
        run()
    except MLBackendError as error:
        told = (
            [str(problem) for problem in error.problems]
            if isinstance(error, BadPrediction)
            else [error.detail]
        )
        return Check(title, "\n".join(told))
    return Check(title, None)


def _expected(reply: Reply, what: str) -> dict[str, Any]:
    if reply.status not in (200, 201) or not isinstance(reply.body, dict):
        detail = reply.body.get("detail") if isinstance(reply.body, dict) else str(reply.body)[:500]
        raise MLBackendError(f"{what} answered {reply.status}: {detail}")
    return reply.body


def _health(backend: Backend) -> None:
    status = _expected(backend.get("/health"), "GET /health").get("status")
    if status != "UP":
        raise MLBackendError(f'status is {status!r}; expected "UP".')


def _setup(backend: Backend, body: dict[str, Any]) -> None:
    version = _expected(backend.post("/setup", body), "POST /setup").get("model_version")
    if not isinstance(version, str) or not version:
        raise MLBackendError(f"model_version is {version!r}; expected a text.")


def _predictions(backend: Backend, label_config: str, tasks: Sequence[dict[str, Any]]) -> None:
    request = {"tasks": tasks, "project": PROJECT, "label_config": label_config, "params": {"context": None}}
    reply = _expected(backend.post("/predict", request), "POST /predict")
    checked_predictions(reply.get("results"), tasks, parse(label_config), None)
