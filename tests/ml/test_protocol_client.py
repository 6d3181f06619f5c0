"""The client of ML backends against a real server: what it sends, and what it makes of the answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.encryption import encrypt
from apps.ml.models import AuthMethod, Protocol
from apps.ml.protocol.answers import Answer, BadAnswer
from apps.ml.protocol.client import BackendClient
from apps.ml.protocol.errors import BackendError, NotSupported, RefusedCredentials
from apps.ml.protocol.tasks import task_documents
from tests.cast import Cast
from tests.factories import make_completion
from tests.ml.backends import connected, with_password
from tests.ml.fake_backend import FakeBackend, fake_backend, positive


def documents(cast: Cast) -> list[dict[str, Any]]:
    return task_documents(cast.project, ids(cast))


def ids(cast: Cast) -> list[int]:
    return list(cast.project.tasks.order_by("pk").values_list("pk", flat=True))


def test_health_tells_class_and_generation(cast: Cast, fake: FakeBackend) -> None:
    client = BackendClient(connected(cast.project, fake))
    health = client.health()
    assert (health.model_class, health.raw["status"]) == ("Sentiments", "UP")
    assert health.latency_ms > 0
    assert client.protocol == Protocol.CURRENT


def test_a_backend_that_tells_its_directory_alone_is_of_the_flask_era(cast: Cast) -> None:
    with fake_backend(is_flask_era=True) as fake:
        client = BackendClient(connected(cast.project, fake))
        client.health()
    assert client.protocol == Protocol.FLASK_ERA


def test_setup_tells_the_project_and_its_config_and_returns_the_version(
    cast: Cast, fake: FakeBackend
) -> None:
    backend = connected(cast.project, fake, extra_params={"depth": 3})
    assert BackendClient(backend).setup() == "v1"
    (sent,) = fake.requests_to("/setup")
    assert sent.document == {
        "project": f"{cast.project.pk}.{int(cast.project.created_at.timestamp())}",
        "schema": cast.project.label_config,
        "hostname": "",
        "extra_params": {"depth": 3},
    }


def test_predictions_come_in_the_order_of_the_tasks(cast: Cast, fake: FakeBackend) -> None:
    answers = BackendClient(connected(cast.project, fake)).predict(documents(cast))
    assert answers == [
        Answer(task, positive({"id": task})["result"], 1 / (1 + task), "v1") for task in ids(cast)
    ]
    (sent,) = fake.requests_to("/predict")
    assert sent.document["label_config"] == cast.project.label_config
    assert sent.document["params"] == {"login": "", "password": "", "context": None}
    assert [task["data"] for task in sent.document["tasks"]] == [
        {"text": "text 1"}, {"text": "text 2"}, {"text": "text 3"},
    ]  # fmt: skip


def test_the_surest_of_several_predictions_for_a_task_is_taken(cast: Cast, fake: FakeBackend) -> None:
    fake.predict = lambda task: [{"result": [], "score": 0.2}, {**positive(task), "score": 0.9}]
    (answer, *_) = BackendClient(connected(cast.project, fake)).predict(documents(cast))
    assert isinstance(answer, Answer)
    assert (answer.score, answer.result[0]["value"]) == (0.9, {"choices": ["Positive"]})


@pytest.mark.parametrize("nothing", [{}, [], None, {"result": []}], ids=str)
def test_a_model_may_have_nothing_to_say_of_a_task(cast: Cast, fake: FakeBackend, nothing: Any) -> None:
    fake.predict = lambda task: nothing
    answers = BackendClient(connected(cast.project, fake)).predict(documents(cast))
    assert answers == [Answer(task, [], None, "v1") for task in ids(cast)]


def wrong(**changes: Any) -> dict[str, Any]:
    return {**positive({"id": 1}), **changes}


def nested(levels: int) -> list[Any]:
    inside: list[Any] = []
    for _ in range(levels):
        inside = [inside]
    return inside


def item(**changes: Any) -> dict[str, Any]:
    return wrong(result=[{**positive({"id": 1})["result"][0], **changes}])


@pytest.mark.parametrize(
    ("answer", "path", "expected"),
    [
        pytest.param("x", "results[0]", "must be an object", id="text"),
        pytest.param(wrong(result={}), "results[0].result", "a list of objects", id="result-object"),
        pytest.param(wrong(result=["x"]), "results[0].result[0]", "an object", id="item-text"),
        pytest.param(wrong(score=float("nan")), "results[0].score", "a finite number", id="nan"),
        pytest.param(wrong(score=float("inf")), "results[0].score", "a finite number", id="infinity"),
        pytest.param(wrong(score="high"), "results[0].score", "a finite number", id="score-text"),
        pytest.param(wrong(cluster=1.5), "results[0].cluster", "a whole number", id="cluster"),
        pytest.param(wrong(model_version=["a"]), "results[0].model_version", "a text", id="version-list"),
        pytest.param(wrong(model_version="a" * 300), "results[0].model_version", "255", id="version-long"),
        pytest.param(
            item(from_name="mood"), "results[0].result[0].from_name", 'is named "mood"', id="control"
        ),
        pytest.param(item(to_name="image"), "results[0].result[0].to_name", "not about", id="object"),
        pytest.param(item(type="labels"), "results[0].result[0].type", "gives choices", id="type"),
        pytest.param(
            item(value={"choices": ["Angry"]}), "results[0].result[0].value.choices[0]", "Angry", id="label"
        ),
        pytest.param(
            item(value={"choices": "Positive"}), "results[0].result[0].value.choices", "a list", id="no-list"
        ),
        pytest.param(item(id="\x00"), "results[0]", "\\u0000", id="nul"),
        pytest.param(item(id="\ud800"), "results[0]", "surrogate", id="half-a-character"),
        pytest.param(item(meta=nested(300)), "results[0]", "deeper than 200 levels", id="deep"),
    ],
)
def test_a_wrong_answer_names_backend_task_path_and_what_was_expected(
    cast: Cast, fake: FakeBackend, answer: Any, path: str, expected: str
) -> None:
    first = ids(cast)[0]
    fake.predict = lambda task: answer if task["id"] == first else positive(task)
    client = BackendClient(connected(cast.project, fake))
    (bad, *rest) = client.predict(documents(cast))
    assert isinstance(bad, BadAnswer)
    assert (bad.task_id, bad.path) == (first, path)
    assert bad.message.startswith(f"ML backend “Sentiments”, task {first}, {path}: ")
    assert expected in bad.message
    assert [type(other) for other in rest] == [Answer, Answer]
    assert [(error.task_id, error.message) for error in client.noticed] == [(first, bad.message)]


def test_an_answer_without_any_version_cannot_be_told_from_others(cast: Cast, fake: FakeBackend) -> None:
    fake.model_version = ""
    (bad, *_) = BackendClient(connected(cast.project, fake, model_version="")).predict(documents(cast))
    assert isinstance(bad, BadAnswer)
    assert (bad.path, "is missing" in bad.message) == ("results[0].model_version", True)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"results": []}, "0 predictions for 3 tasks"),
        ({"results": [{}]}, "1 predictions for 3 tasks"),
        ({"results": None}, "results must be a list"),
        ({}, "results must be a list"),
    ],
    ids=["none", "too-few", "null", "missing"],
)
def test_a_reply_that_is_wrong_as_a_whole_is_refused(
    cast: Cast, fake: FakeBackend, document: Any, expected: str
) -> None:
    fake.answers("/predict", document)
    with pytest.raises(BackendError, match=expected) as raised:
        BackendClient(connected(cast.project, fake)).predict(documents(cast))
    assert raised.value.call == "predict"
    assert raised.value.remedy
    assert raised.value.response_excerpt.startswith("{")


def test_credentials_are_sent(cast: Cast) -> None:
    with fake_backend(credentials="model:right") as fake:
        assert BackendClient(with_password(cast.project, fake, "model", "right")).setup() == "v1"


def test_wrong_credentials_are_named_without_showing_them(cast: Cast) -> None:
    with fake_backend(credentials="model:right") as fake:
        client = BackendClient(with_password(cast.project, fake, "model", "hush-hush"))
        with pytest.raises(RefusedCredentials) as raised:
            client.health()
    told = " ".join((str(raised.value), raised.value.remedy, raised.value.request_excerpt))
    assert "status 401" in told
    assert "hush-hush" not in told


def test_a_secret_that_the_backend_echoes_is_not_kept(cast: Cast, fake: FakeBackend) -> None:
    fake.answers("/health", {"detail": "you said hush-hush"}, status=500)
    with pytest.raises(BackendError) as raised:
        BackendClient(with_password(cast.project, fake, "model", "hush-hush")).health()
    assert "hush-hush" not in raised.value.message + raised.value.response_excerpt


def test_extra_parameters_are_not_shown_in_errors(cast: Cast, fake: FakeBackend) -> None:
    fake.answers("/setup", {}, status=500)
    with pytest.raises(BackendError) as raised:
        BackendClient(connected(cast.project, fake, extra_params={"api_key": "hush-hush"})).setup()
    assert "hush-hush" not in raised.value.request_excerpt


def test_a_header_of_its_own_is_sent_but_not_to_where_a_redirect_leads(cast: Cast) -> None:
    with fake_backend() as fake, fake_backend() as elsewhere:
        backend = connected(
            cast.project, fake, auth_method=AuthMethod.HEADER, auth_name="X-Model", auth_secret=encrypt("s3")
        )
        fake.redirects("/health", f"http://localhost:{elsewhere.url.rsplit(':')[-1]}/health")
        with pytest.raises(BackendError):  # an inner address that nobody allowed
            BackendClient(backend).health()
        assert elsewhere.requests == []
        assert fake.requests[0].headers["x-model"] == "s3"


def test_a_current_backend_trains_on_an_event_and_tells_its_new_version(
    cast: Cast, fake: FakeBackend
) -> None:
    started = BackendClient(connected(cast.project, fake)).start_training(tasks_with_completions=None)
    assert (started.remote_job, started.done, started.model_version) == (None, True, "v2")
    (sent,) = fake.requests_to("/webhook")
    assert sent.document["action"] == "START_TRAINING"
    assert sent.document["project"]["label_config"] == cast.project.label_config


def test_a_backend_that_queues_its_trainings_names_the_job(cast: Cast, fake: FakeBackend) -> None:
    fake.answers("/webhook", {"result": {"job": "j7"}, "status": "ok"}, status=201)
    started = BackendClient(connected(cast.project, fake)).start_training(tasks_with_completions=None)
    assert (started.remote_job, started.done) == ("j7", False)


def test_a_model_that_does_not_learn_says_so(cast: Cast, fake: FakeBackend) -> None:
    fake.answers("/webhook", {"status": "Unknown event"})
    with pytest.raises(NotSupported, match="does not learn from START_TRAINING"):
        BackendClient(connected(cast.project, fake)).start_training(tasks_with_completions=None)


def test_a_backend_of_the_flask_era_gets_the_completions(cast: Cast) -> None:
    make_completion(cast.project.tasks.order_by("pk")[0], cast.annotator)
    with fake_backend(is_flask_era=True) as fake:
        client = BackendClient(connected(cast.project, fake))
        tasks = task_documents(cast.project, ids(cast)[:1], with_completions=True)
        started = client.start_training(tasks_with_completions=tasks)
    assert (started.done, started.model_version) == (True, "v2")
    (sent,) = fake.requests_to("/train")
    (task,) = sent.document["completions"]
    assert task["completions"][0]["result"][0]["value"] == {"choices": ["Positive"]}
    assert task["completions"][0]["created_username"] == ""


def test_the_state_of_a_training_is_that_of_its_job(cast: Cast, fake: FakeBackend) -> None:
    fake.answers("/is_training", {"is_training": True, "model_version": "v1", "job_id": "j7"})
    fake.answers("/job_status", {"job_status": "failed", "error": "No labels", "log": "epoch 1"})
    state = BackendClient(connected(cast.project, fake)).training_state()
    assert (state.is_training, state.remote_job, state.log, state.error) == (
        False, "j7", "epoch 1", "No labels",
    )  # fmt: skip


def test_a_backend_without_states_tells_its_version_alone(cast: Cast, fake: FakeBackend) -> None:
    state = BackendClient(connected(cast.project, fake)).training_state()
    assert (state.is_training, state.model_version) == (None, "v1")


def test_versions_of_a_backend_that_keeps_no_list_are_the_present_one(cast: Cast, fake: FakeBackend) -> None:
    fake.answers("/versions", {}, status=404)
    assert BackendClient(connected(cast.project, fake)).versions() == ["v1"]


def test_events_reach_todays_backends(cast: Cast, fake: FakeBackend) -> None:
    client = BackendClient(connected(cast.project, fake, protocol=Protocol.CURRENT))
    client.send_event("ANNOTATION_CREATED", task={"id": 1}, completion={"id": 2})
    (sent,) = fake.requests_to("/webhook")
    assert (sent.document["action"], sent.document["annotation"]) == ("ANNOTATION_CREATED", {"id": 2})


def test_documents_of_many_tasks_are_two_statements_in_the_order_asked(cast: Cast) -> None:
    first, _, third = ids(cast)
    with CaptureQueriesContext(connection) as queries:
        found = task_documents(cast.project, [third, first, 10**9], with_completions=True)
    assert [task["id"] for task in found] == [third, first]
    assert len(queries) == 2


def test_a_slow_answer_ends_at_its_time(cast: Cast, fake: FakeBackend) -> None:
    fake.is_silent("/predict")
    with pytest.raises(BackendError, match=r"did not answer within 0\.2 seconds"):
        BackendClient(connected(cast.project, fake)).predict(documents(cast), seconds=0.2)
