"""The image's entrypoint run as a process, with the environment a container would have."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
ENTRYPOINT = ROOT / "deploy" / "docker-entrypoint.sh"
INHERITED = ("HOME", "LANG", "TMPDIR")
READY_WITHIN = 180.0  # seconds: a machine that tests many things at once makes a cluster slowly


class Container:
    """One run of the entrypoint; a context manager that ends it.

    Args:
        *command: what stands after the image's name in `docker run`.
        folder: the working directory, a volume of the real thing.
        **environment: the container's variables; nothing else of ours reaches it.
    """

    def __init__(self, *command: str, folder: Path, **environment: str) -> None:
        self._log = folder / f"{'-'.join(command[:1]) or 'default'}.log"
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        path = f"{Path(sys.executable).parent}:{os.defpath}:/usr/bin:/bin:/usr/sbin"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [ENTRYPOINT, *command],
                cwd=folder,
                env={**kept, "PATH": path, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self.stop()

    @property
    def output(self) -> str:
        """What it printed so far."""
        return self._log.read_text(errors="replace")

    def wait(self, seconds: float = READY_WITHIN) -> int:
        """Return the exit code of a role that ends by itself."""
        return self._process.wait(seconds)

    def stop(self) -> int:
        """Ask it to stop, as `docker stop` does, and return its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(READY_WITHIN)

    def wait_until_listening(self, port: int) -> None:
        """Wait until the web server answers 200 for its health."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self.output
            if get(port, "/api/health") == 200:
                return
            time.sleep(0.1)
        raise AssertionError(f"not listening at {port}:\n{self.output}")


def get(port: int, path: str, *, host: str = "127.0.0.1", **headers: str) -> int | None:
    """Return the status of a GET; None when nobody answers."""
    connection = http.client.HTTPConnection(host, port, timeout=60)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
