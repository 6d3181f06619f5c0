"""A pytest plugin: one private PostgreSQL and one private Valkey for the whole test run.

They are the same engines, started by the same code, as those of `label-studio start`. With DATABASE_URL and
REDIS_URL set, those are used instead. Loaded by `-p tests.servers`, because the settings need the addresses before
any conftest is read; the workers of pytest-xdist inherit them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.services import services

_running = ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """Start the servers before Django reads its settings."""
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        root = tempfile.mkdtemp(prefix="label-studio-tests-")
        # Under root the cluster belongs to an account that must be able to pass; else it is kept elsewhere and stays.
        Path(root).chmod(0o711)
        _running.callback(shutil.rmtree, root, ignore_errors=True)
        started = _running.enter_context(services(DataDirectory.at(root), kind="cli", report=lambda _: None))
        os.environ.update(started.environment)
    yield


def pytest_unconfigure() -> None:
    """Stop what this process started."""
    _running.close()
