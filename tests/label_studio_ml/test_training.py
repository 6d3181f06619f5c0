"""Trainings run in processes of their own: whatever happens to them, the server answers and nothing is half learned."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from label_studio_ml.errors import MLBackendError
from label_studio_ml.serving.settings import ServerSettings
from label_studio_ml.state import State
from label_studio_ml.testing import Backend, free_port, served
from label_studio_ml.training.dispatcher import Dispatcher
from label_studio_ml.training.identity import find_process, process_identity
from label_studio_ml.training.queue import TrainingQueue, log_of
from tests.label_studio_ml.conftest import SCRIPTS, ended, until

SCRIPT = SCRIPTS / "obedient.py"


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    with served(SCRIPT, "--with", "threshold=0.75", "--max-trainings", "2") as running:
        yield running


def train(backend: Backend, project: str, **order):
    body = {"project": project, "completions": [{"id": 1, "data": order}], "label_config": ""}
    return backend.post("/train", body)


def predict(backend: Backend, *orders):
    tasks = [{"id": 40 + index, "data": order} for index, order in enumerate(orders)]
    return backend.post("/predict", {"project": "p", "tasks": tasks})


def test_a_training_that_raises_says_what_and_leaves_the_model_as_it_was(backend):
    first = ended(backend, train(backend, "raises", name="good").body["job"])
    job = ended(backend, train(backend, "raises", **{"raise": True, "name": "bad"}).body["job"])
    assert (job["job_status"], job["error"]) == ("failed", "ValueError: these completions teach nothing")
    assert "fit begins" in job["log"]
    assert "Traceback" in job["log"]
    assert backend.get("/is_training?project=raises").body["model_version"] == first["model_version"]


def test_a_training_process_that_is_killed_says_so(backend):
    job = ended(backend, train(backend, "killed", kill=True).body["job"])
    assert (job["job_status"], job["model_version"]) == ("failed", None)
    assert (
        job["error"] == "The training process was ended by SIGKILL. Often the machine has run out of memory."
    )
    assert backend.get("/health").status == 200
    assert ended(backend, train(backend, "killed").body["job"])["job_status"] == "finished"


def test_what_a_training_returns_must_fit_into_json(backend):
    job = ended(backend, train(backend, "nan", nan=True).body["job"])
    assert job["error"] == "NotPlain: train_output.loss: expected a finite number, got nan"


def test_a_second_training_of_a_project_is_refused_while_one_runs(backend, tmp_path):
    first = train(backend, "busy", until=str(tmp_path / "go")).body["job"]
    refused = train(backend, "busy")
    assert (refused.status, refused.body["job"]) == (409, first)
    assert f"training {first} of project busy" in refused.body["detail"]
    assert backend.get("/is_training?project=busy").body["job_id"] == first
    (tmp_path / "go").touch()
    assert ended(backend, first)["job_status"] == "finished"
    assert len(backend.get("/jobs?project=busy").body["jobs"]) == 1


def test_two_projects_train_at_once_and_predictions_go_on(backend, tmp_path):
    jobs = [
        train(backend, name, began=str(tmp_path / name), until=str(tmp_path / "go")).body["job"]
        for name in ("a", "b")
    ]
    until(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists())
    assert predict(backend, {"answer": {"result": []}}).status == 200
    (tmp_path / "go").touch()
    assert [ended(backend, job)["job_status"] for job in jobs] == ["finished", "finished"]


def test_events_that_wait_are_replaced_by_the_latest_when_the_model_looks_at_everything(backend, tmp_path):
    running = train(backend, "events", began=str(tmp_path / "began"), until=str(tmp_path / "go")).body["job"]
    until(lambda: (tmp_path / "began").exists() and (tmp_path / "began").read_text())
    event = {"action": "START_TRAINING", "project": {"id": "events"}, "tasks": [{"id": 1, "data": {}}]}
    waiting = [backend.post("/webhook", event).body["result"]["job"] for _ in range(3)]
    (tmp_path / "go").touch()
    assert [ended(backend, job)["job_status"] for job in [running, *waiting]] == [
        "finished",
        "canceled",
        "canceled",
        "finished",
    ]


def test_a_training_that_runs_or_waits_can_be_canceled(backend, tmp_path):
    running = train(backend, "cancel", began=str(tmp_path / "began"), until=str(tmp_path / "never")).body[
        "job"
    ]
    until(lambda: (tmp_path / "began").exists() and (tmp_path / "began").read_text())
    event = {"action": "START_TRAINING", "project": {"id": "cancel"}, "tasks": [{"id": 1, "data": {}}]}
    waiting = backend.post("/webhook", event).body["result"]["job"]
    for job in (waiting, running):
        backend.post(f"/jobs/{job}/cancel", {})
        assert ended(backend, job)["job_status"] == "canceled"
    assert not psutil.pid_exists(int((tmp_path / "began").read_text()))
    assert backend.get("/is_training?project=cancel").body["is_training"] is False


@pytest.mark.parametrize(
    ("order", "detail"),
    [
        ({"raise": True}, "predict failed: RuntimeError: out of order"),
        ({"nan": True}, "task 40: results[0].score: expected a finite number, got nan"),
        ({}, "results: expected 1, one for each task in its order, got 0 predictions"),
        ({"answer": "x"}, 'task 40: results[0]: expected an object with result and score, got "x"'),
    ],
    ids=["raises", "nan", "too few", "no object"],
)
def test_a_bad_answer_of_the_model_is_told_to_the_server(backend, order, detail):
    reply = predict(backend, order)
    assert (reply.status, reply.body["status"]) == (500, 500)
    assert detail in reply.body["detail"]


def test_a_bad_answer_names_every_bad_task(backend):
    good: dict[str, Any] = {"answer": {"result": []}}
    reply = predict(backend, good, {"answer": {"result": 1}}, good, {"answer": {"result": [], "score": "x"}})
    assert reply.body["errors"] == [
        {"task": 41, "path": "results[1].result", "expected": "a list of result items", "got": "1"},
        {"task": 43, "path": "results[3].score", "expected": "a number", "got": '"x"'},
    ]


def test_numpy_numbers_and_parameters_of_the_command_line_reach_the_server(backend):
    assert predict(backend, {"numpy": True}).body["results"][0]["score"] == 0.5
    assert predict(backend, {"params": True}).body["results"][0]["score"] == 0.75


def test_a_training_outlives_a_stop_of_the_server(tmp_path):
    began, go = tmp_path / "began", tmp_path / "go"
    with served(SCRIPT, model_dir=tmp_path / "data") as backend:
        job = train(backend, "p", began=str(began), until=str(go)).body["job"]
        until(lambda: began.exists() and began.read_text())
    first = began.read_text()
    began.unlink()
    assert not psutil.pid_exists(int(first))
    with served(SCRIPT, model_dir=tmp_path / "data") as backend:
        until(lambda: began.exists() and began.read_text())
        go.touch()
        assert ended(backend, job)["job_status"] == "finished"
    assert began.read_text() != first


def test_a_training_whose_server_and_process_were_killed_runs_again(tmp_path):
    began, go = tmp_path / "began", tmp_path / "go"
    process, backend = _started(tmp_path)
    job = train(backend, "p", began=str(began), until=str(go)).body["job"]
    pid = until(lambda: began.exists() and began.read_text())
    process.kill()
    process.wait()
    os.kill(int(pid), signal.SIGKILL)
    go.touch()
    with served(SCRIPT, model_dir=tmp_path / "data") as again:
        assert ended(again, job)["job_status"] == "finished"


def test_a_training_goes_on_when_only_its_server_is_killed(tmp_path):
    began, go = tmp_path / "began", tmp_path / "go"
    process, backend = _started(tmp_path)
    job = train(backend, "p", began=str(began), until=str(go)).body["job"]
    pid = until(lambda: began.exists() and began.read_text())
    process.kill()
    process.wait()
    with served(SCRIPT, model_dir=tmp_path / "data") as again:
        assert again.get("/is_training?project=p").body["job_id"] == job
        go.touch()
        assert ended(again, job)["job_status"] == "finished"
    assert began.read_text() == pid


def _started(tmp_path: Path) -> tuple[subprocess.Popen[bytes], Backend]:
    port = free_port()
    command = [sys.executable, "-m", "label_studio_ml", "start", str(SCRIPT), "--port", str(port)]
    process = subprocess.Popen([*command, "--model-dir", str(tmp_path / "data"), "--log-level", "warning"])
    backend = Backend(f"http://127.0.0.1:{port}")

    def answers() -> bool:
        try:
            return backend.get("/health").status == 200
        except MLBackendError:
            return False

    until(answers)
    return process, backend


def test_a_training_whose_process_cannot_be_started_fails_with_the_cause(tmp_path):
    state = State(tmp_path)
    queue = TrainingQueue(state)
    job = queue.start_now("p", "START_TRAINING", {}, "")
    log_of(state, job.id).mkdir()
    dispatcher = Dispatcher(ServerSettings(SCRIPT, tmp_path), state)
    dispatcher.start()
    until(lambda: not queue.job(job.id).is_open)
    dispatcher.stop()
    error = queue.job(job.id).error or ""
    assert error.startswith("The training process could not be started: [Errno 21] Is a directory")


def test_a_process_is_told_from_a_later_one_of_the_same_id():
    mine = process_identity()
    found = find_process(mine)
    assert found is not None
    assert found.pid == os.getpid()
    assert find_process(f"{os.getpid()}@{found.create_time() - 60:.2f}") is None
    assert find_process(None) is None


def test_a_process_that_has_ended_is_not_found():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    identity = f"{child.pid}@{psutil.Process(child.pid).create_time():.2f}"
    assert find_process(identity) is not None
    child.communicate(b"\n")
    assert find_process(identity) is None
