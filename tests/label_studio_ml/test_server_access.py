"""What a model fetches from the labeling server and elsewhere, and to whom it shows its token."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from apps.accounts.services import create_api_token
from apps.tasks.models import Task
from label_studio_ml import LabelStudioMLBase, ServerClient, majority_choice
from label_studio_ml.errors import ServerUnreachable
from label_studio_ml.loading import build_model
from label_studio_ml.media import local_path
from label_studio_ml.project import Project
from label_studio_ml.server_api import ServerAddress
from label_studio_ml.state import State
from tests.cast import Cast
from tests.factories import make_completion


class Shelf(ThreadingHTTPServer):
    """Serves /file, redirects /away to `elsewhere`, and notes who showed which token."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Serving)
        self.tokens: list[str | None] = []
        self.elsewhere = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Serving(BaseHTTPRequestHandler):
    server: Shelf

    def do_GET(self) -> None:
        self.server.tokens.append(self.headers.get("Authorization"))
        found = self.path == "/file"
        self.send_response(200 if found else 302 if self.path == "/away" else 404)
        if self.path == "/away":
            self.send_header("Location", self.server.elsewhere)
        self.send_header("Content-Length", "7" if found else "0")
        self.end_headers()
        if found:
            self.wfile.write(b"content")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing at the terminal."""


def tasks_of(cast: Cast) -> list[Task]:
    return list(Task.objects.filter(project=cast.project).order_by("pk"))


@pytest.fixture
def shelves() -> Iterator[tuple[Shelf, Shelf]]:
    with Shelf() as mine, Shelf() as foreign:
        for shelf in (mine, foreign):
            threading.Thread(target=shelf.serve_forever, daemon=True).start()
        yield mine, foreign
        mine.shutdown()
        foreign.shutdown()


def test_a_file_of_the_labeling_server_is_fetched_once_with_the_token(shelves, tmp_path):
    mine, _ = shelves
    address = ServerAddress(mine.url + "/", "secret")
    paths = {
        local_path(url, folder=tmp_path, address=address) for url in ("/file", "/file", f"{mine.url}/file")
    }
    [path] = paths
    assert open(path).read() == "content"  # noqa: PTH123, SIM115 - scripts get a text
    assert mine.tokens == ["Token secret"]


def test_no_other_host_is_shown_the_token(shelves, tmp_path):
    mine, foreign = shelves
    mine.elsewhere = f"{foreign.url}/file"
    address = ServerAddress(mine.url, "secret")
    local_path("/away", folder=tmp_path / "a", address=address)
    local_path(f"{foreign.url}/file", folder=tmp_path / "b", address=address)
    assert foreign.tokens == [None, None]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/passwd", "no address of a file"),
        ("ftp://127.0.0.1/x", "no address of a file"),
        ("data:image/png;base64,???", "no Base64"),
        ("http://127.0.0.1:1/x", "cannot be reached"),
    ],
)
def test_what_cannot_be_fetched_says_why(url, message, tmp_path):
    with pytest.raises(ServerUnreachable, match=message):
        local_path(url, folder=tmp_path, address=ServerAddress("", None))


def test_redirects_to_files_and_in_circles_are_not_followed(shelves, tmp_path):
    mine, _ = shelves
    for target, message in (("file:///etc/passwd", "is not followed"), ("/away", "redirects more than")):
        mine.elsewhere = target
        with pytest.raises(ServerUnreachable, match=message):
            local_path("/away", folder=tmp_path, address=ServerAddress(mine.url, None))


def test_a_data_address_is_written_out(tmp_path):
    path = local_path("data:text/plain;base64,aGVsbG8=", folder=tmp_path, address=ServerAddress("", None))
    assert open(path).read() == "hello"  # noqa: PTH123, SIM115 - scripts get a text


def test_a_token_of_the_environment_is_not_sent_where_setup_says(tmp_path, monkeypatch):
    project = Project(State(tmp_path), "p")
    project.stored.update({"hostname": "http://attacker.example", "access_token": "given"})
    assert project.server == ServerAddress("http://attacker.example", "given")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "mine")
    assert project.server == ServerAddress("http://attacker.example", "given")
    monkeypatch.setenv("LABEL_STUDIO_URL", "http://mine.example")
    assert project.server == ServerAddress("http://mine.example", "mine")


def test_a_model_gets_the_labeled_tasks_from_this_very_server(cast, live_server, tmp_path):
    task = tasks_of(cast)[0]
    make_completion(task, cast.annotator)
    project = Project(State(tmp_path), str(task.project_id))
    token = create_api_token(user=cast.manager)
    project.stored.update({"hostname": live_server.url, "access_token": token})
    model = build_model(LabelStudioMLBase, project, "", {})
    [labeled] = model.labeled_tasks({"action": "START_TRAINING"})
    assert labeled["id"] == task.id
    assert labeled["completions"] == labeled["annotations"]
    assert majority_choice(labeled, labeled["completions"][0]["result"][0]["from_name"]) == "Positive"
    assert model.client.task(task.id)["data"] == task.data


def test_a_prediction_is_stored_on_this_very_server(cast, live_server):
    task = tasks_of(cast)[0]
    client = ServerClient(ServerAddress(live_server.url, create_api_token(user=cast.manager)))
    created = client.create_prediction(task.id, {"result": [], "score": 0.5, "model_version": "v1"})
    assert (created["task"], created["score"], created["model_version"]) == (task.id, 0.5, "v1")


def test_a_refusal_of_the_server_is_told(cast, live_server):
    client = ServerClient(ServerAddress(live_server.url, "wrong"))
    with pytest.raises(ServerUnreachable, match="answered 401"):
        client.labeled_tasks("1")


def test_an_unknown_server_is_told(tmp_path):
    with pytest.raises(ServerUnreachable, match="Set LABEL_STUDIO_URL"):
        Project(State(tmp_path), "p").client.task(1)
