"""The product as people run it: `label-studio start` on a new data directory."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.client import Client
from bench.data import LABEL_CONFIG
from label_studio_ml.testing import free_port
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.ownership import State

READY_WITHIN = 120.0  # seconds
POLL_SECONDS = 0.1
UNSET = ("DATABASE_URL", "REDIS_URL", "LABEL_STUDIO_DIR", "SECRET_KEY")


@dataclass
class Product:
    """A running instance.

    Args:
        directory: its data directory.
        pid: of the supervisor.
        port: of the web server.
        database_url: of its private PostgreSQL.
        project: id of the project that is measured.
        tokens: API keys of the annotators.
    """

    directory: Path
    pid: int
    port: int
    database_url: str
    project: int
    owner_token: str
    tokens: list[str] = field(default_factory=list)

    def owner(self) -> Client:
        """Return a client of the owner's; the server closes one that was idle for a minute."""
        return Client(self.port, self.owner_token)

    def import_file(self, project: int, file: Path) -> int:
        """Send a file as the body of one request, wait for the job if it becomes one; return how many tasks came."""
        client = self.owner()
        answer = client.post_file(f"/api/projects/{project}/import", file, expected=(201, 202))
        while "task_count" not in answer:
            time.sleep(POLL_SECONDS)
            state = client.get(f"/api/projects/{project}/imports/{answer['import']}")
            if state["status"] == "failed":
                raise RuntimeError(state["error"])
            answer = state if state["status"] == "completed" else answer
        return int(answer["task_count"])


@contextmanager
def running_product(*, annotators: int, keep: bool) -> Iterator[Product]:
    """Start the product on a temporary data directory, with a project and its annotators.

    Args:
        annotators: how many people to make.
        keep: leave the data directory behind.
    """
    folder = Path(tempfile.mkdtemp(prefix="label-studio-bench-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs under an account of its own and must pass through
    directory, port = folder / "instance", free_port()
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}
    command = [sys.executable, "-c", "from label_studio_server.cli import main; main()", "start"]
    command += [str(directory), "--init", "--no-browser", "--port", str(port), "--log-level", "WARNING"]
    with (folder / "start.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
    try:
        state = _wait_until_ready(directory, process, folder / "start.log")
        (owner_key,) = _tokens(directory, project=0, count=0, environment=environment)
        project = Client(port, owner_key).post(
            "/api/projects", {"title": "Benchmark", "label_config": LABEL_CONFIG}
        )["id"]
        tokens = _tokens(directory, project=project, count=annotators, environment=environment)[1:]
        url = state.environment["DATABASE_URL"]
        yield Product(directory, process.pid, port, url, project, owner_key, tokens)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)
        if not keep:
            shutil.rmtree(folder)


def _wait_until_ready(directory: Path, process: subprocess.Popen[bytes], log: Path) -> State:
    path = DataDirectory.at(directory).state
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        state = State.read(path)
        if state is not None and state.address:
            return state
        time.sleep(0.1)
    raise RuntimeError(f"The product did not start:\n{log.read_text(errors='replace')}")


def _tokens(directory: Path, *, project: int, count: int, environment: dict[str, str]) -> list[str]:
    """Return the keys of `count` new annotators of a project (0: none), the owner's first."""
    command = [sys.executable, "-m", "bench.people", str(directory), str(project), str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
    keys: list[str] = json.loads(done.stdout)
    return keys
