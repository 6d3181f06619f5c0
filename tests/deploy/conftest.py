"""One deployment for the tests of this folder: a database of its own, migrated, and a web process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg2
import pytest
from psycopg2 import sql

from label_studio_ml.testing import free_port
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.server_account import remove_outside_home
from tests.deploy.containers import Container


@dataclass(frozen=True)
class Deployment:
    """Shared servers and a volume, on which `migrate` ran without and then with a password for the owner.

    Args:
        folder: the volume.
        servers: the addresses that every role needs.
        environment: the same with the owner's name and password.
        first_output: what the first `migrate` printed.
    """

    folder: Path
    servers: dict[str, str]
    environment: dict[str, str]
    first_output: str

    @property
    def secret_key(self) -> Path:
        return self.folder / "my_project" / "secret_key"


@dataclass(frozen=True)
class Web:
    """A running web process that people call label.example.org."""

    port: int
    container: Container


@pytest.fixture(scope="session")
def empty_database() -> Iterator[str]:
    """The DATABASE_URL of a new, empty database on the test run's PostgreSQL."""
    address = urlsplit(os.environ["DATABASE_URL"])
    name = f"deploy_{uuid4().hex}"
    _administer(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield urlunsplit(address._replace(path=f"/{name}"))
    _administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _administer(statement: sql.Composed) -> None:
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


@pytest.fixture(scope="session")
def deployment(empty_database: str, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The deployment on which the other tests stand."""
    folder = tmp_path_factory.mktemp("volume")
    servers = {"DATABASE_URL": empty_database, "REDIS_URL": os.environ["REDIS_URL"]}
    public = {"HOST": "label.example.org", "PROTOCOL": "https://", "PORT": "443"}
    with Container("migrate", folder=folder, **servers, **public) as first:
        assert first.wait() == 0, first.output
    environment = {**servers, "USERNAME": "ann", "PASSWORD": "correct horse"}
    with Container("migrate", folder=folder, **environment) as second:
        assert second.wait() == 0, second.output
    return Deployment(folder, servers, environment, first.output)


@pytest.fixture(scope="session")
def web(deployment: Deployment) -> Iterator[Web]:
    """A web process of the deployment, behind a proxy."""
    port = free_port()
    environment = {**deployment.environment, "BEHIND_PROXY": "true", "HOST": "label.example.org"}
    with Container("web", folder=deployment.folder, PORT=str(port), **environment) as container:
        container.wait_until_listening(port)
        yield Web(port, container)


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Path]:
    """A folder in which containers make data directories; as root their clusters may live elsewhere."""
    yield tmp_path
    for config in tmp_path.glob("*/config.json"):
        remove_outside_home(DataDirectory.at(config.parent))
