"""Small promises of the files and sockets that the private servers rely on."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from label_studio_server.embedded.atomic import write_atomically
from label_studio_server.embedded.binaries import valkey_server
from label_studio_server.embedded.errors import EmbeddedServerError, NoWheelError
from label_studio_server.embedded.sockets import MAX_SOCKET_PATH, socket_folder


def test_a_file_is_replaced_as_a_whole_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("old")

    write_atomically(path, "new", mode=0o600, durable=True)

    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_socket_lives_where_it_is_wanted_when_its_path_is_short(tmp_path: Path) -> None:
    folder = socket_folder(tmp_path / "run", "server.sock")

    assert folder == tmp_path / "run"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_socket_with_a_long_path_gets_a_short_one_that_is_always_the_same(tmp_path: Path) -> None:
    wanted = tmp_path / ("long" * 30)

    folder = socket_folder(wanted, "server.sock")

    assert len(os.fsencode(folder / "server.sock")) <= MAX_SOCKET_PATH
    assert socket_folder(wanted, "server.sock") == folder
    folder.rmdir()


def test_a_link_that_somebody_put_in_the_way_of_a_socket_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = tmp_path / ("long" * 30)
    folder = socket_folder(wanted, "server.sock")
    folder.rmdir()
    folder.symlink_to(tmp_path)

    try:
        with pytest.raises(EmbeddedServerError, match="is not a folder of this account"):
            socket_folder(wanted, "server.sock")
    finally:
        folder.unlink()


def test_a_platform_without_a_wheel_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "plan9")

    with pytest.raises(NoWheelError, match=r"No private Valkey for this platform \(plan9.*Set REDIS_URL"):
        valkey_server()
