"""A pytest plugin: one private PostgreSQL and one private Valkey for the whole test run.

They are the same engines, started by the same code, as those of `label-studio start`. With DATABASE_URL and
REDIS_URL set, those are used instead. Loaded by `-p tests.servers`, because the settings need the addresses before
any conftest is read; the workers of pytest-xdist inherit them.

Each worker has a database of its own in PostgreSQL, with projects and people of the same ids as in the others. What
the product keeps beside it, by these ids or by a client's address, is therefore each worker's own, too.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.postgres import SETTINGS
from label_studio_server.embedded.services import services

_running = ExitStack()
CONNECTIONS = "300"
"""As many people at once as several tests beside each other have; one product needs fewer."""
VALKEY_DATABASES = 16
"""How many there are where nobody configured others."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """Start the servers before Django reads its settings."""
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        SETTINGS["max_connections"] = CONNECTIONS
        root = tempfile.mkdtemp(prefix="label-studio-tests-")
        # Under root the cluster belongs to an account that must be able to pass; else it is kept elsewhere and stays.
        Path(root).chmod(0o711)
        _running.callback(shutil.rmtree, root, ignore_errors=True)
        started = _running.enter_context(services(DataDirectory.at(root), kind="cli", report=lambda _: None))
        os.environ.update(started.environment)
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        _keep_apart(int(worker.removeprefix("gw")))
    yield


def _keep_apart(worker: int) -> None:
    """Give this worker a folder of its own, and a database of Valkey: number 0 is of the process that started it."""
    folder = tempfile.mkdtemp(prefix="label-studio-worker-")
    _running.callback(shutil.rmtree, folder, ignore_errors=True)
    os.environ["LABEL_STUDIO_DIR"] = folder
    os.environ["REDIS_URL"] = _with_database(os.environ["REDIS_URL"], 1 + worker % (VALKEY_DATABASES - 1))


def _with_database(redis_url: str, number: int) -> str:
    """Return the address of another database of the same server; Unix sockets name it in the query."""
    if redis_url.startswith("unix:"):
        return f"{redis_url.partition('?')[0]}?db={number}"
    return urlunsplit(urlsplit(redis_url)._replace(path=f"/{number}"))


def pytest_unconfigure() -> None:
    """Stop what this process started."""
    _running.close()
