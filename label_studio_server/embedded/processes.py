"""Start, recognise and end processes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from label_studio_server.embedded.death_signal import death_signal_setter
from label_studio_server.embedded.priority import lower_priority

MAX_LOG_BYTES = 20 * 1024 * 1024
CREATE_TIME_TOLERANCE = 0.05  # seconds: the same start time, read twice, may differ by a clock tick
POLL_INTERVAL = 0.02  # seconds

StopStep = tuple[signal.Signals, float]


@dataclass(frozen=True)
class ProcessIdentity:
    """A process that cannot be mistaken for a later one with the same number."""

    pid: int
    create_time: float

    @classmethod
    def of(cls, pid: int) -> ProcessIdentity:
        """Return the identity of a process that is known to exist (our child, even just ended)."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """Return the process if it still runs; a zombie has ended."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.create_time) < CREATE_TIME_TOLERANCE
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


@dataclass(frozen=True)
class Account:
    """A user account that a server runs as, when that is not our own."""

    uid: int
    gid: int


def spawn(
    arguments: Sequence[str | os.PathLike[str]],
    *,
    log: Path,
    death_signal: signal.Signals,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
    pass_fds: Iterable[int] = (),
    niceness: int = 0,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C in the terminal reaches only the supervisor.

    Args:
        arguments: the program and its arguments.
        log: file to which its output is appended.
        death_signal: what it gets when this process dies (Linux).
        cwd: its working directory.
        environment: its whole environment; None means ours.
        account: the account to run as; None means ours.
        pass_fds: open file descriptors it inherits.
        niceness: by how much it gives way to others that want the processor, from 0 to 19.
    """
    _rotate(log)
    with log.open("ab") as output:
        return subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=environment,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,
            pass_fds=tuple(pass_fds),
            # Runs after the change of account, which would clear the death signal.
            preexec_fn=_preparation(death_signal, niceness),
        )


def _preparation(death_signal: signal.Signals, niceness: int) -> Callable[[], None]:
    """Return what a child does between fork and exec; looked up before the fork, behind which little is safe."""
    set_death_signal = death_signal_setter(death_signal)

    def prepare() -> None:
        if niceness:
            lower_priority(niceness)
        if set_death_signal is not None:
            set_death_signal()

    return prepare


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))


def end_child(child: subprocess.Popen[bytes], steps: Sequence[StopStep]) -> None:
    """Send each signal in turn until the child ends; then kill what is left of its session.

    Args:
        child: our own child.
        steps: signals, each with the seconds to wait for its effect.
    """
    for number, seconds in steps:
        if child.poll() is not None:
            break
        child.send_signal(number)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    kill_group(child.pid)
    child.wait()


def end_process(identity: ProcessIdentity, steps: Sequence[StopStep]) -> None:
    """The same for a process that is not our child: one left over by a supervisor that was killed."""
    for number, seconds in steps:
        process = identity.process()
        if process is None:
            return
        process.send_signal(number)
        deadline = time.monotonic() + seconds
        while identity.process() is not None and time.monotonic() < deadline:
            time.sleep(POLL_INTERVAL)
    process = identity.process()
    if process is not None:
        process.kill()


def kill_group(leader: int) -> None:
    """Kill every process of the group that `leader`, a session leader started by `spawn`, has left behind."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        return


def session_members(leader: int) -> list[ProcessIdentity]:
    """Return the live processes of the session that process number `leader` once opened, itself included."""
    members = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                members.append(ProcessIdentity(process.pid, process.create_time()))
        except (ProcessLookupError, PermissionError, psutil.Error):
            continue
    return members
