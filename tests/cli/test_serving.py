"""`label-studio start`, seen from outside: addresses, the sign-in link, HTTPS, gevent."""

from __future__ import annotations

import html
import re
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from label_studio_server.embedded.layout import DataDirectory
from tests.cli.conftest import COMMAND, command_environment

pytestmark = pytest.mark.servers
Serve = Callable[..., str]


@pytest.fixture
def serve(tmp_path: Path, made_project: DataDirectory) -> Iterator[Serve]:
    """Run `label-studio start` on the project and return what it says once it serves; stop it afterwards."""
    processes = []

    def start(*arguments: str, **environment: str) -> str:
        output = tmp_path / "output.txt"
        with output.open("wb") as stream:
            process = subprocess.Popen(
                [*COMMAND, "start", str(made_project.root), "-p", "0", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env=command_environment() | environment,
            )
        processes.append(process)
        while "with Ctrl-C" not in output.read_text():
            assert process.poll() is None, output.read_text()
            time.sleep(0.05)
        return output.read_text()

    yield start
    for process in processes:
        process.terminate()
        assert process.wait(60) == 0


def address_in(said: str, label: str) -> str:
    found = re.search(rf"{label} +(https?://\S+)", said)
    assert found, said
    return found[1]


def test_without_a_password_the_browser_is_led_to_a_link_that_signs_in_once(
    serve: Serve, made_project: DataDirectory, tmp_path: Path
) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)

    said = serve(BROWSER=f"{browser} %s")
    link = address_in(said, "Sign in")
    while not (tmp_path / "opened").exists() or not (tmp_path / "opened").read_text().endswith("\n"):
        time.sleep(0.02)
    page = made_project.run / "open.html"
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    assert (tmp_path / "opened").read_text().strip() == page.as_uri()
    assert f"url={html.escape(link)}" in page.read_text()
    assert page.stat().st_mode & 0o777 == 0o600
    with opener.open(link) as response:
        assert response.status == 200
        assert "/link/" not in response.url
    with opener.open(f"{address_in(said, 'Address')}/api/projects/") as response:
        assert response.status == 200
    with pytest.raises(urllib.error.HTTPError) as second:
        urllib.request.urlopen(link)
    assert second.value.code in (403, 404, 410)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
def test_https_with_gevent_and_a_password(serve: Serve, made_project: DataDirectory, tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)

    files = ("--cert", str(cert), "--key", str(key))
    said = serve("-b", "--use-gevent", *files, "--username", "bob", "--password", "secret")
    address = address_in(said, "Address")
    context = ssl.create_default_context(cafile=cert)
    request = urllib.request.Request(
        f"{address}/api/projects/", headers={"Authorization": "Basic Ym9iOnNlY3JldA=="}
    )

    assert address.startswith("https://localhost:")
    assert "as bob@localhost, with the password you chose" in said
    assert "Using worker: gevent" in (made_project.logs / "web.log").read_text()
    with urllib.request.urlopen(request, context=context) as response:
        assert b'"count":1' in response.read()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{address}/api/projects/", context=context)
