"""The routes that today's labeling servers call, over HTTP, at a script written for them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from label_studio_ml.testing import Backend, served
from tests.label_studio_ml.conftest import LABELS, SCRIPTS, ended, until

PROJECT = "5.1700000000"
TEXT = "Ada lives in Leeds"
TASK = {"id": 1, "data": {"text": TEXT}, "annotations": [], "predictions": []}


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    with served(SCRIPTS / "today.py", "--max-request-mb", "1") as running:
        yield running


def request(**changes):
    body = {"tasks": [TASK], "project": PROJECT, "label_config": LABELS, "params": {"context": None}}
    return {**body, **changes}


def region(text: str, label: str) -> dict[str, object]:
    start = TEXT.find(text)
    value = {"start": start, "end": start + len(text), "text": text, "labels": [label]}
    return {"from_name": "label", "to_name": "text", "type": "labels", "value": value}


def event(action: str, project: int, *items: dict[str, object]) -> dict[str, object]:
    return {
        "action": action,
        "project": {"id": project, "label_config": LABELS},
        "task": TASK,
        "annotation": {"id": 3, "project": project, "result": list(items)},
    }


def test_health_names_the_model(backend):
    reply = backend.get("/health")
    assert reply.status == 200
    assert reply.body == {
        "status": "UP",
        "model_class": "KeywordMarker",
        "model_dir": "data",
        "can_train": True,
    }
    assert backend.get("/").body == reply.body


def test_setup_answers_with_the_version(backend):
    body = {
        "project": PROJECT,
        "schema": LABELS,
        "hostname": "http://127.0.0.1:1",
        "access_token": "t",
        "extra_params": "{}",
    }
    reply = backend.post("/setup", body)
    assert (reply.status, reply.body) == (200, {"model_version": "KeywordMarker-v0.0.1"})


def test_predictions_come_in_the_order_of_the_tasks(backend):
    tasks = [{"id": number, "data": {"text": "Ada"}} for number in range(3)]
    reply = backend.post("/predict", request(tasks=tasks))
    assert reply.status == 200
    assert [result["score"] for result in reply.body["results"]] == [0, 0, 0]
    assert reply.body["model_version"] == reply.body["results"][0]["model_version"]


def test_no_tasks_have_no_predictions(backend):
    assert backend.post("/predict", request(tasks=[])).body["results"] == []


def test_an_interactive_request_reaches_the_model_with_its_context(backend):
    context = {"result": [region("Ada", "Person")]}
    reply = backend.post("/predict", request(params={"login": "", "password": "", "context": context}))
    assert reply.body["results"][0]["result"] == [region("Ada", "Person")]


def test_an_event_trains_and_the_new_version_predicts(backend):
    backend.post("/setup", {"project": "7", "schema": LABELS})
    reply = backend.post("/webhook", event("ANNOTATION_CREATED", 7, region("Leeds", "Place")))
    assert (reply.status, reply.body["status"]) == (201, "ok")
    job = ended(backend, reply.body["result"]["job"])
    assert (job["job_status"], job["model_version"], job["event"]) == (
        "finished",
        "KeywordMarker-1-words",
        "ANNOTATION_CREATED",
    )
    assert "learned 1 words" in backend.get(f"/jobs/{job['job']}/log").body
    predicted = backend.post("/predict", request(project="7")).body
    assert predicted["model_version"] == "KeywordMarker-1-words"
    assert predicted["results"][0]["result"] == [region("Leeds", "Place")]
    assert backend.get("/versions?project=7").body == {
        "versions": ["KeywordMarker-1-words", "KeywordMarker-v0.0.1"]
    }


def test_events_are_learned_in_their_order_and_none_is_left_out(backend):
    words = ["Ada", "lives", "in", "Leeds"]
    replies = [
        backend.post("/webhook", event("ANNOTATION_UPDATED", 8, region(word, "Place"))) for word in words
    ]
    jobs = [ended(backend, reply.body["result"]["job"]) for reply in replies]
    assert [job["model_version"] for job in jobs] == [
        f"KeywordMarker-{number}-words" for number in (1, 2, 3, 4)
    ]


def test_projects_do_not_see_each_other(backend):
    ended(
        backend,
        backend.post("/webhook", event("ANNOTATION_CREATED", 9, region("Ada", "Person"))).body["result"][
            "job"
        ],
    )
    assert backend.post("/predict", request(project="10")).body["results"][0]["result"] == []


def test_an_event_without_anything_to_learn_is_no_news(backend):
    reply = backend.post("/webhook", event("TASKS_CREATED", 7))
    assert (reply.status, reply.body) == (200, {"status": "Unknown event"})


def test_a_deleted_project_is_forgotten(backend):
    ended(
        backend,
        backend.post("/webhook", event("ANNOTATION_CREATED", 11, region("Ada", "Person"))).body["result"][
            "job"
        ],
    )
    assert backend.post("/delete", {"project": "11"}).body == {"deleted": "11"}
    assert backend.get("/versions?project=11").body == {"versions": []}
    assert backend.get("/jobs?project=11").body == {"jobs": []}
    assert backend.post("/delete", {"project": "11"}).status == 404


def test_a_labeling_config_is_validated(backend):
    assert list(backend.post("/validate", {"config": LABELS}).body["controls"]) == ["label"]
    assert backend.post("/validate", {"config": "<View"}).status == 400


def test_counters_are_json_for_programs_and_text_for_prometheus(backend):
    backend.post("/predict", request())
    counted = backend.get("/metrics").body
    assert counted["predicted_tasks_total"][""] >= 1
    text = backend.call("GET", "/metrics", headers={"Accept": "text/plain;version=0.0.4"}).body
    assert 'label_studio_ml_requests_total{route="/predict",status="200"}' in text


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/predict", b"{", "no JSON"),
        ("/predict", b"[]", "must be a JSON object"),
        ("/predict", b"", "tasks must be a list"),
        ("/predict", {"tasks": {}}, "tasks must be a list"),
        ("/predict", {"tasks": [1]}, r"tasks[0] must be an object"),
        ("/predict", {"tasks": [], "label_config": 4}, "label_config must be a text"),
        ("/predict", {"tasks": [], "label_config": "<View"}, "no XML"),
        ("/predict", {"tasks": [], "params": 4}, "params must be an object"),
        ("/predict", {"tasks": [], "project": []}, "project is missing"),
        ("/predict", b"[" * 100_000, "no JSON"),
        ("/setup", {}, "project is missing"),
        ("/setup", {"project": "x" * 300}, "at most 200 characters"),
        ("/setup", {"project": 1, "extra_params": "{"}, "extra_params is no JSON"),
        ("/train", {"project": 1}, "annotations must be a list"),
        ("/train", {"project": 1, "completions": []}, "No completions found."),
        ("/webhook", {"project": 1}, "action is missing"),
        ("/webhook", {"action": "ANNOTATION_CREATED"}, "project is missing"),
        ("/validate", {}, "config is missing"),
    ],
    ids=range(18),
)
def test_a_bad_body_is_400_and_says_what_is_wrong(backend, path, body, message):
    reply = backend.post(path, body)
    assert reply.status == reply.body["status"] == 400
    assert message in reply.body["detail"]


@pytest.mark.parametrize("headers", [{}, {"Transfer-Encoding": "chunked"}], ids=["told", "untold"])
def test_a_body_over_the_limit_is_refused(backend, headers):
    body = json.dumps(request(tasks=[{"id": 1, "data": {"text": "x" * (2 << 20)}}])).encode()
    reply = backend.call("POST", "/predict", body, headers)
    assert (reply.status, reply.body["status"]) == (413, 413)
    assert "--max-request-mb" in reply.body["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/predict", 405),
        ("GET", "/is_training", 400),
        ("GET", "/jobs/none", 410),
        ("GET", "/jobs/none/log", 410),
        ("POST", "/jobs/none/cancel", 410),
        ("POST", "/job_status", 410),
    ],
)
def test_what_is_not_there_has_the_same_shape_of_error(backend, method, path, status):
    reply = backend.call(method, path)
    assert reply.status == reply.body["status"] == status
    assert reply.body["detail"]


def test_a_slash_at_the_end_changes_nothing(backend):
    assert backend.get("/health/").body == backend.get("/health").body


def test_a_user_and_a_password_are_wanted_on_every_route():
    with served(
        SCRIPTS / "today.py", environment={"BASIC_AUTH_USER": "ann", "BASIC_AUTH_PASS": "pä:ss"}
    ) as backend:
        for path in ("/health", "/versions", "/nothing"):
            assert backend.get(path).status == 401
        wrong = base64.b64encode(b"ann:no").decode()
        assert backend.call("GET", "/health", headers={"Authorization": f"Basic {wrong}"}).status == 401
        assert backend.call("GET", "/health", headers={"Authorization": "Basic ???"}).status == 401
        right = base64.b64encode("ann:pä:ss".encode()).decode()
        assert backend.call("GET", "/health", headers={"Authorization": f"Basic {right}"}).status == 200


def test_several_processes_answer_from_one_state(tmp_path):
    with served(SCRIPTS / "today.py", "--workers", "2", model_dir=tmp_path) as backend:
        reply = backend.post("/webhook", event("ANNOTATION_CREATED", 7, region("Leeds", "Place")))
        ended(backend, reply.body["result"]["job"])
        until(lambda: backend.get("/metrics").body["trainings"] == {'status="finished"': 1})
        answers = [backend.post("/predict", request(project=7)).body["model_version"] for _ in range(10)]
    assert answers == ["KeywordMarker-1-words"] * 10
