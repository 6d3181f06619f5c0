"""`label-studio start-multi-session`, seen from outside."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, command_environment
from tests.cli.test_serving import address_in
from tests.ml.fake_backend import fake_backend

pytestmark = pytest.mark.servers
BROWSER = ("Accept", "text/html,*/*;q=0.8")


class Visitor:
    """A browser with cookies of its own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.opener.addheaders = [BROWSER]

    def open(self, path: str) -> str:
        """Return where a page ended up."""
        with self.opener.open(self.address + path) as response:
            return str(response.url).removeprefix(self.address)

    def projects(self) -> list[dict[str, object]]:
        with self.opener.open(f"{self.address}/api/projects/") as response:
            return list(json.load(response)["results"])

    def models(self) -> list[dict[str, object]]:
        """Return the models, as soon as a worker has connected one."""
        while True:
            with self.opener.open(f"{self.address}/api/ml/") as response:
                if models := list(json.load(response)):
                    return models
            time.sleep(0.05)


@contextmanager
def serving(place: Path, *arguments: str) -> Iterator[str]:
    """Run the command in `place`, yielding what it says once it serves, and stop it."""
    output = place / "output.txt"
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [*COMMAND, "start-multi-session", "--root-dir", "sessions", "-b", "-p", "0", *arguments],
            cwd=place,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=command_environment(),
        )
    try:
        while "with Ctrl-C" not in output.read_text():
            assert process.poll() is None, output.read_text()
            time.sleep(0.05)
        yield output.read_text()
    finally:
        process.terminate()
        code = process.wait(60)
    assert code == 0


def test_every_browser_gets_a_project_with_its_models_and_the_operator_signs_in(place: Path) -> None:
    first_project = ("--template", "text_classification", "--initial-project-description", "Mine")
    with (
        fake_backend() as model,
        serving(place, *first_project, "--ml-backends", f"mood={model.url}") as said,
    ):
        address = address_in(said, "Address")
        visitors = [Visitor(address), Visitor(address)]
        pages = [visitor.open("/") for visitor in visitors]
        operator = Visitor(address)
        operator.open(address_in(said, "Sign in").removeprefix(address))

        assert all(page.startswith("/projects/") for page in pages)
        assert pages[0] != pages[1]
        for visitor in visitors:
            (project,) = visitor.projects()
            assert project["title"] == "Mine"
            assert "<Choices" in str(project["label_config"])
            assert [connected["title"] for connected in visitor.models()] == ["mood"]
        assert len(operator.projects()) == 3
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{address}/api/projects/")


def test_options_of_a_later_start_count_for_the_people_who_come_then(place: Path) -> None:
    with serving(place, "--template", "text_classification", "--initial-project-description", "Mine"):
        pass

    later = ("--template", "image_bbox", "--no-guests", "--username", "root", "--password", "a good secret")
    with serving(place, *later) as said:
        assert "as root@localhost, with the password you chose" in said
        assert Visitor(address_in(said, "Address")).open("/") == "/signin?next=/"
        first_project = json.loads((place / "sessions" / "run" / "first_project.json").read_text())
        assert first_project["title"] == "Mine"
        assert "<RectangleLabels" in first_project["label_config"]
