"""The servers of a data directory as one context manager, for `start` and for single commands alike."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from label_studio_server.embedded.errors import AlreadyRunningError, EmbeddedServerError
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.orphans import reap_clients
from label_studio_server.embedded.ownership import (
    POLL_INTERVAL,
    OwnerKind,
    Ownership,
    State,
    attached,
    wait_for_attached,
    wait_until,
)
from label_studio_server.embedded.postgres import PostgresServer
from label_studio_server.embedded.programs import Report, Running
from label_studio_server.embedded.valkey import ValkeyServer

ATTACH_TIMEOUT = 60.0  # seconds to wait for servers that another command is starting
ENDING_TIMEOUT = 1.0  # seconds that a killed owner may take to be gone
SERVER_NAMES = frozenset({PostgresServer.name, ValkeyServer.name})


@dataclass
class Services:
    """What a command got.

    Attributes:
        environment: DATABASE_URL, REDIS_URL and LABEL_STUDIO_DIR for this command and its children.
        ownership: our right to run the servers; None when this command uses the servers of another one.
        running: the servers that are our children, in the order they were started.
    """

    environment: dict[str, str]
    ownership: Ownership | None = None
    running: list[Running] = field(default_factory=list)


@contextmanager
def services(directory: DataDirectory, *, kind: OwnerKind, report: Report) -> Iterator[Services]:
    """Make the database and the queue of a data directory available for the time of the `with` block.

    DATABASE_URL and REDIS_URL win over the private servers, each for itself. A command (`kind="cli"`) uses
    the servers of a running one; a `start` never shares: it waits for a command and refuses another `start`.

    Args:
        directory: the data directory; it must exist.
        kind: who asks, a long-running `start` or a single command.
        report: told in words what is waited for.

    Raises:
        AlreadyRunningError: `kind` is "start", and another one runs on this directory.
        StartError: a server could not be started.
        EmbeddedServerError: anything else that keeps the servers from running; the message says what to do.
    """
    given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    if kind == "cli" and len(given) == 2:
        yield Services(environment=_environment(directory, given))
        return
    directory.create()
    ownership = _own_or_attach(directory, kind, report)
    if ownership is not None:
        with _owned(ownership, given, report) as owned:
            yield owned
        return
    with attached(directory):
        state = State.read(directory.state)
        if state is None or not state.ready:
            raise EmbeddedServerError(
                f"The servers of {directory.root} are just stopping. Try again in a moment."
            )
        yield Services(environment=_environment(directory, state.environment | given))


@contextmanager
def exclusive(directory: DataDirectory, *, report: Report) -> Iterator[None]:
    """Hold a data directory with no server of it running, to delete or move its files.

    Raises:
        AlreadyRunningError: another command uses it.
    """
    ownership = Ownership.acquire(directory, "cli")
    if ownership is None:
        state = State.read(directory.state)
        raise AlreadyRunningError(
            _running_message(directory, state)
            if state is not None
            else f"Another command uses {directory.root}. Try again in a moment."
        )
    try:
        _reap(ownership, PostgresServer(directory, report), ValkeyServer(directory), {})
        yield
    finally:
        ownership.release()


def _environment(directory: DataDirectory, urls: Mapping[str, str]) -> dict[str, str]:
    return {**urls, "LABEL_STUDIO_DIR": str(directory.root)}


def _own_or_attach(directory: DataDirectory, kind: OwnerKind, report: Report) -> Ownership | None:
    """Return the ownership, or None when the owner's servers are ready to be used by this command."""
    ownership = Ownership.acquire(directory, kind)
    if ownership is not None:
        return ownership
    if kind == "start":
        return _wait_for_ownership(directory, report)

    outcome: list[Ownership] = []

    def settled() -> bool:
        state = State.read(directory.state)
        if state is not None and state.ready:
            return True
        taken = Ownership.acquire(directory, kind)  # the owner may have ended in the meantime
        if taken is not None:
            outcome.append(taken)
        return taken is not None

    if not wait_until(settled, ATTACH_TIMEOUT):
        raise EmbeddedServerError(
            f"The servers of {directory.root} did not become ready in {ATTACH_TIMEOUT:.0f} s."
        )
    return outcome[0] if outcome else None


def _wait_for_ownership(directory: DataDirectory, report: Report) -> Ownership:
    """Wait while a command owns the servers; refuse when another `start` does, and does not end just now."""
    started = time.monotonic()
    told = False
    while True:
        ownership = Ownership.acquire(directory, "start")
        if ownership is not None:
            return ownership
        state = State.read(directory.state)
        if state is not None and state.kind == "start" and time.monotonic() - started > ENDING_TIMEOUT:
            raise AlreadyRunningError(_running_message(directory, state))
        if state is not None and state.kind == "cli" and not told:
            told = True
            report(
                f"A command (process {state.owner.pid}) uses this directory's database; waiting for its end."
            )
        time.sleep(POLL_INTERVAL)


def _running_message(directory: DataDirectory, state: State) -> str:
    if state.kind == "cli":
        return (
            f"A command (process {state.owner.pid}) uses the database of {directory.root}. Wait for its end."
        )
    if state.address is None:
        return f"Label Studio is being started on {directory.root} by process {state.owner.pid}."
    return (
        f"Label Studio already runs on {directory.root} at {state.address} (process {state.owner.pid}). "
        "Open that address, or stop it first."
    )


@contextmanager
def _owned(ownership: Ownership, given: Mapping[str, str], report: Report) -> Iterator[Services]:
    directory = ownership.directory
    postgres, valkey = PostgresServer(directory, report), ValkeyServer(directory)
    running: list[Running] = []
    try:
        _reap(ownership, postgres, valkey, given)
        if "REDIS_URL" not in given:
            running.append(Running(valkey, ownership.record))
        if "DATABASE_URL" not in given:
            running.append(Running(postgres, ownership.record))
        for server in running:
            server.launch()
        for server in running:
            server.wait_until_ready()
        urls = dict(given)
        urls.setdefault("DATABASE_URL", postgres.url if "DATABASE_URL" not in given else "")
        urls.setdefault("REDIS_URL", valkey.url if "REDIS_URL" not in given else "")
        ownership.publish(urls)
        yield Services(environment=_environment(directory, urls), ownership=ownership, running=running)
    finally:
        _stop(ownership, running, report)


def _reap(
    ownership: Ownership, postgres: PostgresServer, valkey: ValkeyServer, given: Mapping[str, str]
) -> None:
    previous = ownership.previous
    reap_clients(ownership, SERVER_NAMES)
    if "REDIS_URL" not in given:
        valkey.reap(previous.processes.get(valkey.name) if previous else None)
    if "DATABASE_URL" not in given:
        postgres.reap()
    ownership.forget_previous()


def _stop(ownership: Ownership, running: list[Running], report: Report) -> None:
    """Stop the servers, Valkey before PostgreSQL, once no other command uses them; then give up the lock."""
    ownership.withdraw()
    gate: int | None = None
    if ownership.state.kind == "cli":
        # Ctrl-C ends the waiting, not the stopping.
        with suppress(KeyboardInterrupt):
            gate = wait_for_attached(ownership.directory, report)
    try:
        for server in running:
            server.stop()
    finally:
        ownership.release()
        if gate is not None:
            os.close(gate)
