"""Who runs the servers of a data directory.

One `flock` is the only truth: the kernel drops it at any death of its holder, so it cannot go stale.
`state.json` tells others how to reach the servers, and the next owner which processes a killed one left.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from label_studio_server.embedded.atomic import write_atomically
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.processes import ProcessIdentity

OwnerKind = Literal["start", "cli"]
POLL_INTERVAL = 0.1  # seconds


@dataclass
class State:
    """What `state.json` says about the owner and its processes."""

    owner: ProcessIdentity
    kind: OwnerKind
    ready: bool = False
    address: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    processes: dict[str, ProcessIdentity] = field(default_factory=dict)

    def dump(self) -> str:
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def read(cls, path: Path) -> State | None:
        """Return the state, or None when there is none (or none that can be read, which means the same)."""
        try:
            document: dict[str, Any] = json.loads(path.read_text())
            return cls(
                owner=ProcessIdentity(**document["owner"]),
                kind=document["kind"],
                ready=document["ready"],
                address=document["address"],
                environment=document["environment"],
                processes={name: ProcessIdentity(**values) for name, values in document["processes"].items()},
            )
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None


class Ownership:
    """The right to run the servers of one data directory; held until `release` or our death."""

    def __init__(self, directory: DataDirectory, lock: int, kind: OwnerKind, previous: State | None) -> None:
        self.directory = directory
        self.previous = previous
        self.state = State(owner=ProcessIdentity.of(os.getpid()), kind=kind)
        # Not yet published processes of the previous owner stay listed until they have been ended.
        self.state.processes = dict(previous.processes) if previous else {}
        self._lock: int | None = lock
        self._write()

    @classmethod
    def acquire(cls, directory: DataDirectory, kind: OwnerKind) -> Ownership | None:
        """Take the lock, or return None when another process holds it."""
        lock = os.open(directory.lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        except BaseException:
            os.close(lock)
            raise
        return cls(directory, lock, kind, State.read(directory.state))

    def forget_previous(self) -> None:
        """Say that no process of the previous owner runs any more."""
        self.state.processes = {}
        self.previous = None
        self._write()

    def record(self, name: str, identity: ProcessIdentity) -> None:
        """Remember a process we started, so that the next owner can end it should we be killed."""
        self.state.processes[name] = identity
        self._write()

    def publish(self, environment: dict[str, str]) -> None:
        """Let other commands attach to the servers with these environment variables."""
        self.state.environment = dict(environment)
        self.state.ready = True
        self._write()

    def publish_address(self, address: str) -> None:
        """Tell a second `start` where this one is reached."""
        self.state.address = address
        self._write()

    def withdraw(self) -> None:
        """Let nobody attach any more; the servers are about to stop."""
        self.state.ready = False
        self._write()

    def release(self) -> None:
        """Give up the lock. Call it when every process has ended: then nothing is left to remember.

        Processes of the previous owner that were not ended stay listed for the next one.
        """
        if self._lock is None:
            return
        if self.previous is None:
            self.directory.state.unlink(missing_ok=True)
        os.close(self._lock)
        self._lock = None

    def _write(self) -> None:
        write_atomically(self.directory.state, self.state.dump(), mode=0o600)


@contextmanager
def attached(directory: DataDirectory) -> Iterator[None]:
    """Keep an owning command from stopping its servers while this one uses them."""
    lock = os.open(directory.attached_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield
    finally:
        os.close(lock)


def wait_for_attached(directory: DataDirectory, report: Callable[[str], None]) -> int:
    """Wait until no other command uses our servers, and let none begin to.

    Returns:
        A file descriptor; close it when the servers have stopped.
    """
    lock = os.open(directory.attached_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        report("Another command still uses the database of this directory; waiting for it to end.")
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll `condition` until it holds or the time is over; return whether it held."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_INTERVAL)
    return True
