"""The routes that servers of the Flask era call, over HTTP, at a script written for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from label_studio_ml.testing import Backend, served
from tests.label_studio_ml.conftest import CHOICES, SCRIPTS, ended, labeled

PROJECT = "my_project1a2b"
COMPLETIONS = [
    labeled(1, "what a lovely day", "Good"),
    labeled(2, "a dreadful awful day", "Bad"),
    labeled(3, "lovely lovely awful", "Bad", was_cancelled=True),
]


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    with served(SCRIPTS / "flask_era.py", "--with", "lowest_score=0.1", "unused=yes") as running:
        yield running


def predict(backend: Backend, text: str, project: str = PROJECT):
    body = {
        "tasks": [{"id": 0, "data": {"text": text}}],
        "model_version": "1",
        "project": project,
        "label_config": CHOICES,
        "params": {"force_load": True, "login": "", "password": ""},
    }
    return backend.post("/predict", body)


def train(backend: Backend, project: str = PROJECT, completions=COMPLETIONS):
    params = {"login": "", "password": "", "project_full_path": "/tmp/p"}
    body = {"completions": completions, "project": project, "label_config": CHOICES, "params": params}
    return backend.post("/train", body)


def test_health_has_the_model_directory(backend):
    body = backend.get("/health").body
    assert (body["status"], body["model_dir"]) == ("UP", "data")


def test_before_a_training_the_first_version_answers(backend):
    assert backend.post("/setup", {"project": "fresh", "schema": CHOICES, "hostname": ""}).body == {
        "model_version": "0.0.1"
    }
    reply = predict(backend, "lovely", "fresh")
    assert reply.status == 200
    assert reply.body["results"] == [
        {
            "result": [
                {"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": ["Good"]}}
            ],
            "score": 0.1,
            "model_version": "0.0.1",
        }
    ]


def test_a_training_with_completions_makes_a_version_of_its_second(backend):
    reply = train(backend)
    assert reply.status == 201
    job = ended(backend, reply.body["job"])
    assert (job["job_status"], job["error"]) == ("finished", None)
    assert job["model_version"].isdecimal()
    predicted = predict(backend, "an awful dreadful thing").body
    assert predicted["model_version"] == job["model_version"]
    assert predicted["results"][0]["result"][0]["value"] == {"choices": ["Bad"]}


def test_two_trainings_one_after_the_other_have_two_versions(backend):
    versions = [ended(backend, train(backend, "twice").body["job"])["model_version"] for _ in range(2)]
    assert int(versions[0]) < int(versions[1])
    assert backend.get("/versions?project=twice").body["versions"][:2] == versions[::-1]


def test_is_training_says_no_with_the_version(backend):
    job = ended(backend, train(backend, "asked").body["job"])
    assert backend.get("/is_training?project=asked").body == {
        "is_training": False,
        "backend": "none",
        "model_version": job["model_version"],
    }


def test_a_model_that_cannot_be_made_for_a_config_says_why(backend):
    body = {
        "project": "other",
        "schema": '<View><Text name="t" value="$t"/><TextArea name="a" toName="t"/></View>',
    }
    reply = backend.post("/setup", body)
    assert (reply.status, reply.body["detail"]) == (400, 'The model wants a Choices, and "a" is a TextArea.')


def test_an_event_of_todays_servers_trains_with_the_tasks_it_brings(backend):
    tasks = [{**task, "annotations": task["completions"], "completions": None} for task in COMPLETIONS]
    body = {"action": "START_TRAINING", "project": {"id": 3, "label_config": CHOICES}, "tasks": tasks}
    job = ended(backend, backend.post("/webhook", body).body["result"]["job"])
    assert job["job_status"] == "finished"
    assert predict(backend, "dreadful awful", "3").body["results"][0]["result"][0]["value"] == {
        "choices": ["Bad"]
    }
