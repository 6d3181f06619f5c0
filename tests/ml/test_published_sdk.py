"""A model written with the `label-studio-ml` that others publish works against this server, unchanged."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from pytest_django.live_server_helper import LiveServer

from apps.accounts.services import create_api_token
from apps.ml.calling import calling
from apps.ml.models import Training, TrainingStatus
from apps.ml.protocol.answers import Answer
from apps.ml.protocol.tasks import task_documents
from apps.ml.services import connect_backend
from apps.ml.training.following import begin, follow
from apps.ml.training.starting import start_training
from apps.tasks.models import Task
from label_studio_ml.testing import free_port
from tests.factories import choice, make_completion, make_project, owner_of

# What the package itself needs and does not say: it was written before rq 2, redis 6 and Python without setuptools.
REQUIREMENTS = ("label-studio-ml==1.0.9", "rq<2", "redis<6", "setuptools<80")

MODEL = """
import os, sys
import requests
from label_studio_ml.api import init_app
from label_studio_ml.model import LabelStudioMLBase


class Majority(LabelStudioMLBase):
    TRAIN_EVENTS = (*LabelStudioMLBase.TRAIN_EVENTS, "START_TRAINING")

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.label = self.train_output.get("label")

    def predict(self, tasks, **kwargs):
        item = {"from_name": "sentiment", "to_name": "text", "type": "choices", "value": {"choices": [self.label]}}
        return [{"result": [item] if self.label else [], "score": 0.5} for _ in tasks]

    def fit(self, tasks, workdir=None, **kwargs):
        project = kwargs["data"]["project"]["id"]
        exported = requests.get(
            f"{os.environ['SERVER']}/api/projects/{project}/export",
            headers={"Authorization": f"Token {os.environ['TOKEN']}"},
        ).json()
        labels = [
            item["value"]["choices"][0]
            for task in exported for annotation in task["annotations"] for item in annotation["result"]
        ]
        return {"label": max(sorted(set(labels)), key=labels.count)}


if __name__ == "__main__":
    init_app(Majority, model_dir=sys.argv[2]).run(port=int(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def published(request: pytest.FixtureRequest) -> Path:
    """The Python of an environment with the published package, made once and kept."""
    assert request.config.cache is not None
    place = request.config.cache.mkdir("label-studio-ml-1.0.9")
    python = place / "bin" / "python"
    if not (place / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        command = [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            *REQUIREMENTS,
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode and re.search("connection|timed out|resolve|No matching dist", done.stderr, re.I):
            pytest.skip(f"No package index can be reached: {done.stderr.strip().splitlines()[-1]}")
        assert done.returncode == 0, done.stderr
        (place / "complete").touch()
    return python


@pytest.fixture
def token_and_project(transactional_db: None) -> tuple[str, Any]:
    """A project of three tasks, and a token of its owner."""
    project = make_project(tasks=3)
    return create_api_token(user=owner_of(project)), project


@pytest.fixture
def model(
    published: Path, token_and_project: tuple[str, Any], live_server: LiveServer, tmp_path: Path
) -> Iterator[str]:
    """The address of the model, served by the published package."""
    (tmp_path / "model.py").write_text(MODEL)
    port = free_port()
    data = tmp_path / "data"
    data.mkdir()
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(published), str(tmp_path / "model.py"), str(port), str(data)],
            env={**os.environ, "SERVER": live_server.url, "TOKEN": token_and_project[0]},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_up(url, process, tmp_path / "log")
            yield url
        finally:
            process.terminate()
            process.wait(30)
            print((tmp_path / "log").read_text())  # noqa: T201 - pytest shows it when the test fails


def _wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            with urlopen(f"{url}/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def test_it_is_connected_trained_and_asked(model: str, token_and_project: tuple[str, Any]) -> None:
    _, project = token_and_project
    tasks = list(Task.objects.filter(project=project).order_by("pk"))
    for task, label in zip(tasks, ("Negative", "Negative", "Positive"), strict=True):
        make_completion(task, owner_of(project), result=choice(label))

    backend = connect_backend(project=project, connected_by=owner_of(project), url=model, title="Majority")
    assert backend.model_version == "INITIAL"

    training = start_training(backend=backend, created_by=owner_of(project))
    begin(training.pk, ground_truth_only=False)
    assert follow(training.pk, seconds=120, between=lambda: None)
    ended = Training.objects.get(pk=training.pk)
    assert ended.status == TrainingStatus.COMPLETED
    assert ended.version_before == "INITIAL"
    assert ended.version_after == ended.remote_job

    backend.refresh_from_db()
    with calling(backend, call="predict") as client:
        answers = client.predict(task_documents(project, [task.pk for task in tasks]))
    assert [one.result[0]["value"] for one in answers if isinstance(one, Answer)] == [
        {"choices": ["Negative"]}
    ] * 3
    assert {one.model_version for one in answers if isinstance(one, Answer)} == {ended.version_after}
