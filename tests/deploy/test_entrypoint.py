"""The image's roles, run as processes against real servers."""

from __future__ import annotations

import base64
import http.client
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from label_studio_ml.testing import free_port
from tests.deploy.conftest import Deployment, Web
from tests.deploy.containers import ROOT, Container, get

pytestmark = pytest.mark.servers


def count(database_url: str, table: str) -> int:
    connection = psycopg2.connect(database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
            (rows,) = cursor.fetchone() or (0,)
            return int(rows)
    finally:
        connection.close()


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def readiness(port: int) -> dict[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/api/health/ready")
        checks: dict[str, str] = json.loads(connection.getresponse().read())["checks"]
        return checks
    finally:
        connection.close()


def test_migrate_prints_a_sign_in_link_for_an_owner_without_password(deployment: Deployment) -> None:
    assert "https://label.example.org/link/" in deployment.first_output


def test_migrate_again_changes_nothing(deployment: Deployment) -> None:
    key = deployment.secret_key.read_text()

    with Container("migrate", folder=deployment.folder, **deployment.environment) as migrate:
        assert migrate.wait() == 0, migrate.output

    url = deployment.servers["DATABASE_URL"]
    assert (count(url, "projects_project"), count(url, "accounts_user")) == (1, 1)
    assert deployment.secret_key.read_text() == key


def test_web_serves_until_it_is_asked_to_stop(deployment: Deployment) -> None:
    port = free_port()
    with Container("web", folder=deployment.folder, PORT=str(port), **deployment.environment) as web:
        web.wait_until_listening(port)

        exit_code = web.stop()

    assert exit_code == 0, web.output


def test_user_name_and_password_are_those_of_the_instance(web: Web) -> None:
    right = get(web.port, "/api/projects", Authorization=basic("ann", "correct horse"))
    wrong = get(web.port, "/api/projects", Authorization=basic("ann", "wrong"))

    assert (right, wrong) == (200, 401)


def test_host_limits_the_names_the_server_answers_to(web: Web) -> None:
    named = get(web.port, "/version", Host=f"label.example.org:{web.port}")
    strange = get(web.port, "/version", Host="evil.example.org")

    assert (named, strange) == (200, 400)


def test_web_is_ready_once_a_worker_runs(deployment: Deployment, web: Web) -> None:
    with Container("worker", folder=deployment.folder, **deployment.environment) as worker:
        deadline = time.monotonic() + 60
        while readiness(web.port)["worker"] != "ok":
            assert time.monotonic() < deadline, worker.output
            time.sleep(0.2)

        exit_code = worker.stop()

    assert exit_code == 0, worker.output


def test_the_healthcheck_tells_a_running_web_server_from_a_missing_one(web: Web) -> None:
    codes = [
        subprocess.run(
            [sys.executable, ROOT / "deploy" / "healthcheck.py"],
            env={"PORT": str(port)},
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode
        for port in (web.port, free_port())
    ]

    assert codes == [0, 1]


def test_the_database_password_is_made_once(tmp_path: Path) -> None:
    passwords = []
    for _ in range(2):
        with Container(
            "secrets", folder=tmp_path, POSTGRES_PASSWORD_FILE=str(tmp_path / "password")
        ) as secrets:
            assert secrets.wait() == 0, secrets.output
        passwords.append((tmp_path / "password").read_text().strip())

    assert len(passwords[0]) == 48
    assert passwords[0] == passwords[1]


def test_the_password_file_completes_the_address_of_the_database(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")
    environment = {
        "REDIS_URL": os.environ["REDIS_URL"],
        "POSTGRES_HOST": "127.0.0.1:1",
        "POSTGRES_PASSWORD_FILE": str(tmp_path / "password"),
    }

    with Container("migrate", folder=tmp_path, **environment) as migrate:
        assert migrate.wait() == 1

    assert "The database does not answer" in migrate.output
    assert "port 1 failed" in migrate.output


@pytest.mark.parametrize("role", ["web", "worker", "migrate"])
def test_a_role_without_its_servers_says_which_address_is_missing(role: str, tmp_path: Path) -> None:
    with Container(role, folder=tmp_path) as container:
        exit_code = container.wait()

    assert exit_code == 2
    assert f"the role {role} needs DATABASE_URL" in container.output


def test_start_runs_everything_and_keeps_the_project_when_the_container_restarts(volume: Path) -> None:
    port = free_port()
    environment = {"PORT": str(port), "INIT_COMMAND": "--init --force", "PROJECT_NAME": "animals"}
    keys = []
    for _ in range(2):
        with Container(folder=volume, **environment) as container:
            container.wait_until_listening(port)
            keys.append((volume / "animals" / "secret_key").read_text())
            assert container.stop() == 0, container.output

    assert keys[0] == keys[1]


def test_the_guides_start_command_listens_to_other_machines(volume: Path) -> None:
    port = free_port()
    command = ("label-studio", "start", "my_project", "--init", "--template", "image_bbox", "-p", str(port))
    with Container(*command, folder=volume) as container:
        container.wait_until_listening(port)

        # 127.0.0.2 is this machine, too, and a server bound to 127.0.0.1 does not answer there.
        status = get(port, "/api/health", host="127.0.0.2", Host="label.example.org")

    assert status == 200
