"""The example that asks a language model, against a small real server of that protocol."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from label_studio_ml.cli.making import EXAMPLES
from label_studio_ml.testing import Backend, served
from tests.label_studio_ml.conftest import CHOICES

WRITE = '<View><Text name="text" value="$text"/><TextArea name="note" toName="text"/></View>'


class LanguageServer(ThreadingHTTPServer):
    """Says what the user's text contains after `say:`, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.busy = 0


class Answering(BaseHTTPRequestHandler):
    server: LanguageServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        self.server.keys.append(self.headers.get("Authorization"))
        text = body["messages"][-1]["content"]
        if self.server.busy:
            self.server.busy -= 1
            self._answer(503, b"busy")
        elif text == "refuse":
            self._answer(401, b'{"error": "no key"}')
        elif text == "html":
            self._answer(200, b"<html>")
        else:
            message = {"role": "assistant", "content": text.partition("say:")[2]}
            self._answer(200, json.dumps({"choices": [{"index": 0, "message": message}]}).encode())

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing at the terminal."""


@pytest.fixture(scope="module")
def language() -> Iterator[LanguageServer]:
    with LanguageServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def backend(language: LanguageServer) -> Iterator[Backend]:
    script: Path = EXAMPLES / "chat_completion" / "model.py"
    url = f"base_url=http://127.0.0.1:{language.server_port}/v1"
    with served(script, "--with", url, "model=tiny", environment={"OPENAI_API_KEY": "secret"}) as running:
        yield running


def predict(backend: Backend, *texts: str, config: str = CHOICES, project: str = "p"):
    tasks = [{"id": number, "data": {"text": text}} for number, text in enumerate(texts)]
    return backend.post("/predict", {"tasks": tasks, "project": project, "label_config": config})


def choices(reply) -> list[str | None]:
    return [
        result["result"][0]["value"]["choices"][0] if result["result"] else None
        for result in reply.body["results"]
    ]


def test_an_answer_is_read_as_json_or_as_words(backend):
    reply = predict(backend, 'say:{"label": "Bad"}', 'say:```json\n{"label": "Good"}\n```', "say:It is bad.")
    assert choices(reply) == ["Bad", "Good", "Bad"]


@pytest.mark.parametrize("answer", ["", "Fair", "Good or Bad", '{"label": "Fair"}', "{", "Goodness"])
def test_an_answer_without_one_choice_is_left_out(backend, answer):
    reply = predict(backend, f"say:{answer}")
    assert choices(reply) == [None]
    assert reply.body["results"][0]["score"] == 0


def test_the_question_holds_the_choices_the_prompt_and_the_key(backend, language):
    backend.post("/setup", {"project": "asked", "schema": CHOICES, "extra_params": {"prompt": "Be strict."}})
    predict(backend, "say:Good", project="asked")
    asked = language.asked[-1]
    assert asked["model"] == "tiny"
    assert asked["messages"][0]["content"].startswith("Be strict.")
    assert '["Good", "Bad"]' in asked["messages"][0]["content"]
    assert language.keys[-1] == "Bearer secret"


def test_a_text_area_gets_the_answer_as_it_is(backend):
    reply = predict(backend, "say:A short note.", config=WRITE)
    assert reply.body["results"][0]["result"][0]["value"] == {"text": ["A short note."]}


def test_a_busy_server_is_asked_again(backend, language):
    language.busy = 2
    assert choices(predict(backend, "say:Good")) == ["Good"]


@pytest.mark.parametrize(("text", "message"), [("refuse", "answered 401"), ("html", "no chat completion")])
def test_a_refusal_is_told_with_its_cause(backend, text, message):
    reply = predict(backend, text)
    assert reply.status == 500
    assert message in reply.body["detail"]
    assert "secret" not in reply.body["detail"]
