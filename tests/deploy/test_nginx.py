"""deploy/nginx.conf in a real nginx in front of the image's role `web`."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from label_studio_ml.testing import free_port
from tests.deploy.conftest import Web
from tests.deploy.containers import ROOT, get

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: apt-get install nginx-light)"),
]

MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/default.conf;
}}
"""


@contextmanager
def nginx_before(web_port: int, folder: Path) -> Iterator[int]:
    """Run nginx with our server block in front of a port of this machine; yield its own port."""
    port = free_port()
    server = (ROOT / "deploy" / "nginx.conf").read_text()
    server = server.replace("http://web:8080", f"http://127.0.0.1:{web_port}")
    (folder / "default.conf").write_text(server.replace("listen 8080", f"listen 127.0.0.1:{port}"))
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
    nginx = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        deadline = time.monotonic() + 60
        while get(port, "/api/health") is None and time.monotonic() < deadline:
            time.sleep(0.05)
        yield port
    finally:
        nginx.terminate()
        nginx.wait(60)


@pytest.fixture(scope="module")
def front(web: Web, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx before the deployment's web process."""
    with nginx_before(web.port, tmp_path_factory.mktemp("nginx")) as port:
        yield port


def test_a_request_reaches_the_web_process(front: int) -> None:
    assert get(front, "/api/health") == 200


def test_a_host_that_a_client_claims_beside_the_real_one_goes_no_further(front: int) -> None:
    claimed = {"Host": "label.example.org", "X-Forwarded-Host": "evil.example.org"}

    assert get(front, "/version", **claimed) == 200


def test_a_strange_host_is_refused_although_the_client_claims_a_good_one(front: int) -> None:
    claimed = {"Host": "evil.example.org", "X-Forwarded-Host": "label.example.org"}

    assert get(front, "/version", **claimed) == 400


@pytest.mark.parametrize(
    "path", ["/static../etc/passwd", "/static/../../etc/passwd", "/static/%2e%2e/secret_key"]
)
def test_no_path_leads_out_of_the_static_files(front: int, path: str) -> None:
    assert get(front, path) in (400, 401, 404)


def test_an_upload_that_is_too_large_is_refused_before_it_is_sent(front: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", front, timeout=60)
    connection.putrequest("POST", "/api/projects/1/import")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(1 << 30))
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()

    assert answer.status == 413
    assert answer.headers["Content-Type"] == "application/json"
    assert b"larger than this server takes" in body


def test_a_missing_web_process_is_a_503_that_says_when_to_come_back(tmp_path: Path) -> None:
    with nginx_before(free_port(), tmp_path) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/api/health")
        answer = connection.getresponse()
        answer.read()
        connection.close()

    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
