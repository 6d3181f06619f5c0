"""What the supervisor can start, watch and stop."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from label_studio_server.embedded.processes import ProcessIdentity, StopStep, end_child

Report = Callable[[str], None]


class Program(Protocol):
    """A program that runs as a child for as long as the product runs."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str:
        """Its name for people."""

    @property
    def log(self) -> Path: ...

    @property
    def stop_steps(self) -> Sequence[StopStep]: ...

    def launch(self) -> subprocess.Popen[bytes]:
        """Start it; return without waiting until it is ready."""

    def wait_until_ready(self, child: subprocess.Popen[bytes]) -> None:
        """Return when it serves; raise StartError when it ended or the time is over."""


class Running:
    """A program and the child that runs it at the moment.

    Args:
        program: what runs.
        record: called with each new child's identity, before anything else can happen to it.
    """

    def __init__(self, program: Program, record: Callable[[str, ProcessIdentity], None]) -> None:
        self.program = program
        self._record = record
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def child(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            raise RuntimeError(f"{self.program.name} was not launched")
        return self._child

    def launch(self) -> None:
        """Start a child and remember it."""
        child = self.program.launch()
        self._child = child
        self._record(self.program.name, ProcessIdentity.of(child.pid))

    def wait_until_ready(self) -> None:
        """Wait until the child serves."""
        self.program.wait_until_ready(self.child)

    def exit_code(self) -> int | None:
        """Return the exit code of the child, or None while it runs."""
        return self.child.poll()

    def stop(self) -> None:
        """End the child in the program's own order of signals; harmless when there is none."""
        if self._child is not None:
            end_child(self._child, self.program.stop_steps)
            self._child = None
