"""Places for data directories, and other processes that use them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.server_account import remove_outside_home
from label_studio_server.embedded.services import services

ROOT = Path(__file__).resolve().parent.parent.parent
HOLDER = Path(__file__).with_name("holder.py")


@pytest.fixture
def place() -> Iterator[Path]:
    """A short path that every account may pass through, as `pip install` users have in their home."""
    folder = Path(tempfile.mkdtemp(prefix="ls-"))
    folder.chmod(0o755)
    yield folder
    for location in folder.rglob("location"):
        remove_outside_home(DataDirectory.at(location.parent.parent))
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def directory(no_servers_of_our_own: None) -> Iterator[DataDirectory]:
    """A data directory with a cluster, for all tests that leave it as it should be: stopped and whole."""
    folder = Path(tempfile.mkdtemp(prefix="ls-"))
    folder.chmod(0o755)
    layout = DataDirectory.at(folder / "project")
    with services(layout, kind="start", report=lambda message: None):
        pass
    yield layout
    shutil.rmtree(folder)


@pytest.fixture
def copied(place: Path, directory: DataDirectory) -> Callable[[Path], DataDirectory]:
    """Copy the data directory to a path below `place`, to be spoiled there."""

    def copy(path: Path) -> DataDirectory:
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", directory.root, path], check=True)
        return DataDirectory.at(path)

    return copy


@pytest.fixture(autouse=True, scope="package")
def no_servers_of_our_own() -> Iterator[None]:
    """The private servers are only used where none are named."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.delenv("REDIS_URL", raising=False)
        yield


class Holder:
    """Another process that keeps `services` of a data directory until it is told to end."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def answer(self) -> dict[str, str]:
        """Return the environment that the process got, once it has it."""
        assert self.process.stdout is not None
        with self.process.stdout as output:
            line = output.readline()
        assert line, "the holder ended without an answer"
        return dict(json.loads(line))

    def finish(self) -> int:
        """Let it leave the block and return its exit code."""
        self.end_input()
        return self.process.wait(60)

    def end_input(self) -> None:
        """Tell it to leave the block, without waiting until it did."""
        assert self.process.stdin is not None
        self.process.stdin.close()


@pytest.fixture
def hold() -> Iterator[Callable[..., Holder]]:
    """Start a process that holds the services of a data directory: `hold(directory, "start")`."""
    started: list[subprocess.Popen[str]] = []

    def start(directory: DataDirectory, kind: str, *prefix: str, python: str = sys.executable) -> Holder:
        search = [str(ROOT), *(entry for entry in sys.path if entry.endswith("site-packages"))]
        process = subprocess.Popen(
            [*prefix, python, str(HOLDER), str(directory.root), kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(search), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        started.append(process)
        return Holder(process)

    yield start
    for process in started:
        Holder(process).finish()
