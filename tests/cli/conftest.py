"""The `label-studio` command as people run it: a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.server_account import remove_outside_home

ROOT = Path(__file__).resolve().parent.parent.parent
# What the test run itself was given must not reach the command.
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "LABEL_STUDIO_DIR",
    "SECRET_KEY",
    "DJANGO_SETTINGS_MODULE",
    "BROWSER",
    "DISPLAY",
)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder to make projects in, with a short path that every account may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="ls-"))
    folder.chmod(0o755)
    yield folder
    for location in folder.rglob("location"):
        remove_outside_home(DataDirectory.at(location.parent.parent))
    shutil.rmtree(folder)


def command_environment() -> dict[str, str]:
    """Return the environment for a command that knows nothing of this test run."""
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    return environment | {"PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def made_project() -> Iterator[DataDirectory]:
    """A project with one task, for all tests that serve it one after the other."""
    folder = Path(tempfile.mkdtemp(prefix="ls-"))
    folder.chmod(0o755)
    (folder / "tasks.json").write_text('[{"text": "one"}]')
    arguments = ("init", "project", "--template", "text_classification", "-i", "tasks.json")
    subprocess.run(
        [*COMMAND, *arguments], cwd=folder, env=command_environment(), check=True, capture_output=True
    )
    yield DataDirectory.at(folder / "project")
    shutil.rmtree(folder)


COMMAND = (sys.executable, "-P", "-c", "from label_studio_server.cli import main; main()")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def label_studio(place: Path) -> Run:
    """Run `label-studio ARGUMENTS` in `place` to its end."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=place,
            env=command_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
