"""Several commands on one data directory: who runs the servers, who uses them, who waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from label_studio_server.embedded.errors import AlreadyRunningError
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.ownership import Ownership, State
from label_studio_server.embedded.services import exclusive, services
from tests.embedded.conftest import Holder
from tests.embedded.databases import query

Hold = Callable[..., Holder]


def ignore(message: str) -> None:
    """Take a report and do nothing with it."""


def test_a_second_start_is_refused_and_names_the_running_address(
    directory: DataDirectory, hold: Hold
) -> None:
    first = hold(directory, "start")
    first.answer()

    with (
        pytest.raises(AlreadyRunningError, match=rf"http://localhost:4711 \(process {first.process.pid}\)"),
        services(directory, kind="start", report=ignore),
    ):
        pass
    assert first.process.poll() is None


def test_a_command_uses_the_servers_of_a_running_start(directory: DataDirectory, hold: Hold) -> None:
    urls = hold(directory, "start").answer()

    with services(directory, kind="cli", report=ignore) as available:
        assert available.ownership is None
        assert available.environment == urls
        assert query(available.environment["DATABASE_URL"], "SELECT 1") == [(1,)]


def test_a_start_waits_until_a_command_is_done_and_says_so(directory: DataDirectory, hold: Hold) -> None:
    command = hold(directory, "cli")
    command.answer()
    reports: list[str] = []

    def end_the_command(message: str) -> None:
        reports.append(message)
        command.end_input()

    with services(directory, kind="start", report=end_the_command) as available:
        assert available.ownership is not None
    assert reports == [
        f"A command (process {command.process.pid}) uses this directory's database; waiting for its end."
    ]


def test_a_command_stops_its_servers_only_when_no_other_uses_them(
    directory: DataDirectory, hold: Hold
) -> None:
    owner = hold(directory, "cli")
    owner.answer()
    with services(directory, kind="cli", report=ignore) as available:
        owner.end_input()
        time.sleep(0.5)
        assert query(available.environment["DATABASE_URL"], "SELECT 1") == [(1,)]
        assert owner.process.poll() is None

    assert owner.process.wait(30) == 0


def test_a_command_takes_over_when_the_owner_vanishes_before_it_is_ready(directory: DataDirectory) -> None:
    starting = Ownership.acquire(directory, "cli")
    assert starting is not None
    threading.Timer(0.3, starting.release).start()

    with services(directory, kind="cli", report=ignore) as available:
        assert available.ownership is not None
        assert query(available.environment["DATABASE_URL"], "SELECT 1") == [(1,)]


def test_files_are_not_deleted_under_a_running_start(directory: DataDirectory, hold: Hold) -> None:
    hold(directory, "start").answer()

    with pytest.raises(AlreadyRunningError, match="already runs on"), exclusive(directory, report=ignore):
        pass


def test_a_state_file_that_cannot_be_read_counts_as_none(directory: DataDirectory) -> None:
    directory.state.write_text('{"owner": ')

    assert State.read(directory.state) is None
    with services(directory, kind="start", report=ignore) as available:
        assert query(available.environment["DATABASE_URL"], "SELECT 1") == [(1,)]
