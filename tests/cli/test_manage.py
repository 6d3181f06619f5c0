"""`manage.py` against a data directory."""

from __future__ import annotations

import subprocess
import sys

import pytest

from label_studio_server.embedded.layout import DataDirectory
from tests.cli.conftest import ROOT, command_environment

COUNT = "from apps.tasks.models import Task; import sys; sys.stdout.write(f'tasks: {Task.objects.count()}')"


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", *arguments],
        env=command_environment() | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.servers
def test_a_command_runs_with_the_private_servers_of_its_directory(made_project: DataDirectory) -> None:
    done = manage("shell", "-v", "0", "-c", COUNT, LABEL_STUDIO_DIR=str(made_project.root))

    assert done.stdout == "tasks: 1", done.stderr
    assert not made_project.state.exists()


def test_a_command_that_knows_no_database_says_what_to_set() -> None:
    done = manage("migrate")

    assert done.returncode == 1
    assert "Set LABEL_STUDIO_DIR to the directory of `label-studio start`" in done.stderr


def test_a_directory_without_a_project_is_not_turned_into_one(tmp_path: object) -> None:
    done = manage("migrate", LABEL_STUDIO_DIR=str(tmp_path))

    assert done.returncode == 1
    assert f"There is no project in {tmp_path}" in done.stderr


def test_help_needs_no_database() -> None:
    assert "Type 'manage.py help <subcommand>'" in manage("help").stdout


def test_the_help_of_a_command_needs_no_database() -> None:
    done = manage("import_tasks", "--help")

    assert done.returncode == 0, done.stderr
    assert "--on-error" in done.stdout
