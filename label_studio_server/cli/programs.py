"""The product's own processes: the web server and the background worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import label_studio_server
from label_studio_server.embedded.errors import StartError, log_tail
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.processes import StopStep, spawn

SOURCE_ROOT = Path(label_studio_server.__file__).resolve().parent.parent
WORKER_PROCESSES = 2

WORKER_NICENESS = 5
"""Where processors are few, background work gives way to people at the pages; it gets a quarter if they want all."""


@dataclass(frozen=True)
class PythonProgram:
    """A `python -m MODULE` child; a `Program` of the supervisor."""

    name: str
    title: str
    directory: DataDirectory
    module: str
    arguments: Sequence[str]
    death_signal: signal.Signals
    stop_steps: Sequence[StopStep]
    pass_fds: Sequence[int] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    niceness: int = 0

    @property
    def log(self) -> Path:
        return self.directory.logs / f"{self.name}.log"

    def launch(self) -> subprocess.Popen[bytes]:
        """Start it; see `Program`."""
        # -P: a file named like one of our modules in the current folder must not be imported instead.
        search = os.pathsep.join(filter(None, [str(SOURCE_ROOT), os.environ.get("PYTHONPATH", "")]))
        return spawn(
            [sys.executable, "-P", "-m", self.module, *self.arguments],
            log=self.log,
            death_signal=self.death_signal,
            cwd=self.directory.run,
            environment={**os.environ, **self.environment, "PYTHONPATH": search},
            pass_fds=self.pass_fds,
            niceness=self.niceness,
        )

    def wait_until_ready(self, child: subprocess.Popen[bytes]) -> None:
        """Fail if it has ended already; the web server's readiness is asked for over HTTP."""
        if child.poll() is not None:
            raise StartError(
                f"{self.title} ended with code {child.returncode} at its start:{log_tail(self.log)}"
            )


def worker(directory: DataDirectory, log_level: str) -> PythonProgram:
    """Return the Celery worker; it also brings lost jobs back, so nothing else keeps time."""
    arguments = [
        *("--app", "label_studio_server.celery:app", "worker"),
        *("--concurrency", str(WORKER_PROCESSES)),
        # One worker has nobody to gossip with, and asking costs a second of the start.
        *("--without-gossip", "--without-mingle", "--loglevel", log_level),
    ]
    # Dying with the supervisor, a warm shutdown could wait for ever on the queue that died, too: SIGQUIT.
    return PythonProgram(
        name="worker",
        title="The background worker",
        directory=directory,
        module="celery",
        arguments=arguments,
        death_signal=signal.SIGQUIT,
        stop_steps=((signal.SIGTERM, 20.0), (signal.SIGQUIT, 5.0)),
        niceness=WORKER_NICENESS,
    )


class Gate:
    """Holds the web server back while it loads, until the database is ready for it. Open once, it stays open."""

    def __init__(self) -> None:
        self.reading_end, self._writing_end = os.pipe()

    def open(self) -> None:
        """Let the web server serve: the pipe it reads from ends."""
        os.close(self._writing_end)


def web(
    directory: DataDirectory,
    *,
    listener: int,
    gate: Gate,
    log_level: str,
    gevent: bool,
    certificate: tuple[Path, Path] | None,
) -> PythonProgram:
    """Return the gunicorn web server.

    Args:
        directory: the data directory.
        listener: file descriptor of the bound socket.
        gate: what it waits for before it serves.
        log_level: how much it logs.
        gevent: whether to serve with gevent instead of threads.
        certificate: certificate and private key for HTTPS.
    """
    arguments = [
        *("label_studio_server.wsgi:application", "--config", "python:label_studio_server.gunicorn_conf"),
        *("--bind", f"fd://{listener}", "--log-level", log_level),
    ]
    # One import serves all processes; gevent, though, must replace functions before anything is imported.
    arguments += ["--worker-class", "gevent"] if gevent else ["--preload"]
    if certificate is not None:
        arguments += ["--certfile", str(certificate[0]), "--keyfile", str(certificate[1])]
    return PythonProgram(
        name="web",
        title="The web server",
        directory=directory,
        module="gunicorn",
        arguments=arguments,
        death_signal=signal.SIGTERM,
        stop_steps=((signal.SIGTERM, 20.0),),
        pass_fds=(listener, gate.reading_end),
        environment={"LABEL_STUDIO_START_GATE": str(gate.reading_end)},
    )
