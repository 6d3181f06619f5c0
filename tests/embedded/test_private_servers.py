"""The private PostgreSQL and Valkey: made, kept, recovered."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from label_studio_server.embedded.errors import EmbeddedServerError
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.ownership import State
from label_studio_server.embedded.processes import Account
from label_studio_server.embedded.server_account import OUTSIDE, cluster_home, reachable
from label_studio_server.embedded.services import services
from tests.embedded.conftest import Holder
from tests.embedded.databases import query, valkey

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as containers have it")
Hold = Callable[..., Holder]
Copy = Callable[[Path], DataDirectory]


def processes_of(directory: DataDirectory) -> list[psutil.Process]:
    """Return the live processes that work in the data directory."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(directory.root)) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def ignore(message: str) -> None:
    """Take a report and do nothing with it."""


def test_both_servers_keep_what_they_were_given_over_a_restart(directory: DataDirectory) -> None:
    with services(directory, kind="start", report=ignore) as available:
        query(available.environment["DATABASE_URL"], "CREATE TABLE kept AS SELECT 42 AS answer")
        valkey(available.environment["REDIS_URL"]).set("kept", "yes")

    with services(directory, kind="start", report=ignore) as available:
        assert query(available.environment["DATABASE_URL"], "SELECT answer FROM kept") == [(42,)]
        assert valkey(available.environment["REDIS_URL"]).get("kept") == b"yes"


def test_no_process_is_left_after_the_block(directory: DataDirectory) -> None:
    with services(directory, kind="start", report=ignore):
        assert processes_of(directory) != []

    assert processes_of(directory) == []
    assert not directory.state.exists()


def test_the_database_sorts_by_code_point_and_has_the_extensions_we_use(directory: DataDirectory) -> None:
    with services(directory, kind="start", report=ignore) as available:
        url = available.environment["DATABASE_URL"]
        ordered = query(url, "SELECT x FROM (VALUES ('b'), ('B'), ('ä'), ('a')) AS v(x) ORDER BY x")
        extensions = query(
            url, "SELECT name FROM pg_available_extensions WHERE name IN ('pg_trgm', 'btree_gin') ORDER BY 1"
        )

    assert ordered == [("B",), ("a",), ("b",), ("ä",)]
    assert extensions == [("btree_gin",), ("pg_trgm",)]


def test_only_the_owner_of_the_directory_reads_its_secrets(directory: DataDirectory) -> None:
    with services(directory, kind="start", report=ignore):
        secrets = (directory.state, directory.postgres / "password")
        modes = [path.stat().st_mode & 0o777 for path in secrets]

    assert modes == [0o600, 0o600]


def test_a_cluster_whose_making_was_interrupted_is_made_again(place: Path) -> None:
    directory = DataDirectory.at(place / "project")
    directory.create()
    draft = directory.postgres / "data.init"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")

    with services(directory, kind="start", report=ignore) as available:
        assert query(available.environment["DATABASE_URL"], "SELECT 1") == [(1,)]
    assert not draft.exists()


def test_a_lock_file_with_the_number_of_an_unrelated_process_does_not_stop_the_start(
    copied: Copy, place: Path
) -> None:
    directory = copied(place / "project")
    with services(directory, kind="start", report=ignore):
        pid_file = (directory.postgres / "data" / "postmaster.pid").read_text()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        lines = pid_file.splitlines()
        (directory.postgres / "data" / "postmaster.pid").write_text(
            "\n".join([str(stranger.pid), *lines[1:], ""])
        )

        with services(directory, kind="start", report=ignore) as available:
            assert query(available.environment["DATABASE_URL"], "SELECT 1") == [(1,)]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_nothing_committed_is_lost_when_every_process_is_killed(directory: DataDirectory, hold: Hold) -> None:
    holder = hold(directory, "start")
    urls = holder.answer()
    query(urls["DATABASE_URL"], "CREATE TABLE rows AS SELECT generate_series(1, 1000) AS n")
    valkey(urls["REDIS_URL"]).rpush("queue", "one", "two")
    state = State.read(directory.state)
    assert state is not None

    holder.process.kill()
    for identity in state.processes.values():
        process = identity.process()
        if process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):  # it follows its holder by itself
                process.kill()

    with services(directory, kind="start", report=ignore) as available:
        assert query(available.environment["DATABASE_URL"], "SELECT count(*) FROM rows") == [(1000,)]
        assert valkey(available.environment["REDIS_URL"]).lrange("queue", 0, -1) == [b"one", b"two"]


def test_servers_that_outlive_their_supervisor_are_ended_by_the_next_start(
    directory: DataDirectory, hold: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where the kernel knows no death signal, orphans go on: stopped processes show the same.
    holder = hold(directory, "start")
    holder.answer()
    state = State.read(directory.state)
    assert state is not None
    for identity in state.processes.values():
        os.kill(identity.pid, signal.SIGSTOP)
    holder.process.kill()
    holder.process.wait()
    for identity in state.processes.values():
        os.kill(identity.pid, signal.SIGCONT)

    with services(directory, kind="start", report=ignore) as available:
        assert query(available.environment["DATABASE_URL"], "SELECT 1") == [(1,)]
        assert all(identity.process() is None for identity in state.processes.values())


def test_a_directory_with_a_long_and_odd_path_works(copied: Copy, place: Path) -> None:
    directory = copied(place / ("deep" * 20) / "with, comma & blank" / "ünïcode")

    with services(directory, kind="start", report=ignore) as available:
        assert query(available.environment["DATABASE_URL"], "SELECT 1") == [(1,)]
        assert valkey(available.environment["REDIS_URL"]).ping()


def test_a_cluster_of_another_major_version_is_not_touched(copied: Copy, place: Path) -> None:
    directory = copied(place / "project")
    (directory.postgres / "data" / "PG_VERSION").write_text("17\n")

    with (
        pytest.raises(EmbeddedServerError, match=r"made by PostgreSQL 17, and 18 is installed"),
        services(directory, kind="start", report=ignore),
    ):
        pass


def test_a_url_that_is_given_is_used_and_only_the_other_server_is_private(
    directory: DataDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere:6379/0")

    with services(directory, kind="start", report=ignore) as available:
        assert available.environment["REDIS_URL"] == "redis://elsewhere:6379/0"
        assert query(available.environment["DATABASE_URL"], "SELECT 1") == [(1,)]
        assert [server.program.name for server in available.running] == ["postgres"]


def test_a_command_with_both_urls_touches_no_directory(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere:6379/0")
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")
    directory = DataDirectory.at(place / "never-made")

    with services(directory, kind="cli", report=ignore) as available:
        assert available.environment["DATABASE_URL"] == "postgresql://elsewhere/db"
    assert not directory.root.exists()


@as_root
def test_below_a_closed_folder_root_keeps_the_cluster_outside_and_opens_nothing(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    directory = DataDirectory.at(closed / "project")

    with services(directory, kind="start", report=ignore) as available:
        query(available.environment["DATABASE_URL"], "CREATE TABLE kept AS SELECT 42 AS answer")
    moved = DataDirectory.at(closed / "renamed")
    directory.root.rename(moved.root)

    with services(moved, kind="start", report=ignore) as available:
        assert query(available.environment["DATABASE_URL"], "SELECT answer FROM kept") == [(42,)]
    assert Path((moved.postgres / "location").read_text()).parent == OUTSIDE
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
def test_a_copy_of_a_directory_whose_cluster_is_outside_is_refused(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    directory = DataDirectory.at(closed / "project")
    directory.create()
    original_home = cluster_home(directory)
    copy = DataDirectory.at(closed / "copy")
    shutil.copytree(directory.root, copy.root)

    with pytest.raises(EmbeddedServerError, match=rf"{copy.root} is a copy of {directory.root}"):
        cluster_home(copy)
    assert cluster_home(directory) == original_home


@as_root
def test_a_normal_user_runs_both_servers(place: Path, hold: Hold) -> None:
    nobody = pwd.getpwnam("nobody")
    home = place / "home"
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    python = _python_for(Account(nobody.pw_uid, nobody.pw_gid))
    directory = DataDirectory.at(home / "project")

    prefix = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    holder = hold(directory, "start", *prefix, python=python)
    urls = holder.answer()

    assert query(urls["DATABASE_URL"], "SELECT 1") == [(1,)]
    assert directory.root.stat().st_mode & 0o777 == 0o700
    assert (directory.postgres / "data").stat().st_uid == nobody.pw_uid
    assert holder.finish() == 0


def _python_for(account: Account) -> str:
    """Return a Python of our version that the account can run; root's own is often below /root."""
    candidates = [sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"]
    for candidate in candidates:
        if reachable(Path(candidate), account) and reachable(Path(psutil.__file__).parent, account):
            return candidate
    pytest.skip("no Python of this version that another account may run")
