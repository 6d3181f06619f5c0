"""The whole product as one process tree, and people who write into it without a pause."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import re
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.ownership import State
from tests.cli.conftest import COMMAND, command_environment

USERNAME, PASSWORD = "owner", "a long enough password"
ANSWER = {
    "result": [
        {"from_name": "sentiment", "to_name": "text", "type": "choices", "value": {"choices": ["Positive"]}}
    ]
}


class Product:
    """`label-studio start` on one data directory; started, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.directory = DataDirectory.at(folder / "project")
        self.output = folder / "output.txt"
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self, *arguments: str) -> float:
        """Start it, wait until it says where it is, and return the seconds that took."""
        started = time.monotonic()
        before = self.said()
        self.process = self.launch(*arguments)
        while (found := re.search(r"Address +http://localhost:(\d+)", self.said()[len(before) :])) is None:
            assert self.process.poll() is None, self.said()
            time.sleep(0.05)
        self.port = int(found[1])
        return time.monotonic() - started

    def launch(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Begin to start it."""
        sign_in = ("--username", USERNAME, "--password", PASSWORD)
        with self.output.open("ab") as output:
            return subprocess.Popen(
                [
                    *COMMAND,
                    "start",
                    str(self.directory.root),
                    "--no-browser",
                    "-p",
                    "0",
                    *sign_in,
                    *arguments,
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=command_environment(),
            )

    def said(self) -> str:
        """Return everything it has printed."""
        return self.output.read_text() if self.output.exists() else ""

    def tree(self) -> list[psutil.Process]:
        """Return its processes, the supervisor first."""
        assert self.process is not None
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def kill(self, name: str) -> None:
        """Kill one of its children by the name under which state.json lists it."""
        state = State.read(self.directory.state)
        assert state is not None
        psutil.Process(state.processes[name].pid).kill()

    def kill_supervisor(self) -> None:
        """Kill the supervisor alone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def kill_everything(self) -> None:
        """Kill all processes at once; a child that followed its killed parent is as dead as it should be."""
        for process in self.tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        assert self.process is not None
        self.process.wait()

    def stop(self) -> int:
        """Stop it as `systemctl stop` and `docker stop` do, and return the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send one request as the owner and return status and JSON; raises OSError when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        credentials = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            raw = response.read()
            kind = response.getheader("Content-Type") or ""
            return response.status, json.loads(raw) if "json" in kind else raw
        finally:
            connection.close()


class Annotators:
    """Two people who submit completions until they are told to stop; they remember what was acknowledged."""

    def __init__(self, product: Product, task_ids: list[int]) -> None:
        self.acknowledged: list[int] = []
        self._product = product
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._submit, args=[task]) for task in task_ids]

    def __enter__(self) -> Annotators:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, count: int) -> None:
        """Wait until that many further completions were acknowledged."""
        goal = len(self.acknowledged) + count
        deadline = time.monotonic() + 60
        while len(self.acknowledged) < goal:
            assert time.monotonic() < deadline, f"nothing is acknowledged any more: {self._product.said()}"
            time.sleep(0.02)

    def _submit(self, task_id: int) -> None:
        while not self._done.is_set():
            try:
                status, document = self._product.ask("POST", f"/api/tasks/{task_id}/annotations/", ANSWER)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            if status == http.HTTPStatus.CREATED:
                self.acknowledged.append(document["id"])
            else:
                time.sleep(0.05)
