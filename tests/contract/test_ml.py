"""ML backends as label-studio-sdk asks for them (`ml.*`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.ml.models import MLBackend
from tests.cast import Cast
from tests.ml.backends import connected, make_backend
from tests.ml.fake_backend import FakeBackend, fake_backend

Api = Callable[[User | None], APIClient]

CONTRACT = {
    "id", "state", "readable_state", "is_interactive", "url", "error_message", "title", "auth_method",
    "basic_auth_user", "basic_auth_pass_is_set", "description", "extra_params", "model_version", "timeout",
    "created_at", "updated_at", "auto_update", "project",
}  # fmt: skip


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeBackend]:
    settings.ML_ALLOW_LOOPBACK = True
    with fake_backend() as backend:
        yield backend


@pytest.mark.parametrize("slash", ["", "/"], ids=["no-slash", "slash"])
def test_create_get_list_update_delete(cast: Cast, api: Api, fake: FakeBackend, slash: str) -> None:
    client = api(cast.manager)
    fake.credentials = "model:hush-hush"
    body = {
        "url": fake.url, "project": cast.project.pk, "title": "Mine", "description": "of texts",
        "is_interactive": True, "auth_method": "BASIC_AUTH", "basic_auth_user": "model",
        "basic_auth_pass": "hush-hush", "extra_params": {"depth": 3}, "timeout": 20,
    }  # fmt: skip
    created = client.post(f"/api/ml{slash}", body)
    assert created.status_code == 201
    document = created.json()
    assert document.keys() >= CONTRACT
    assert {name: document[name] for name in ("state", "readable_state", "model_version", "timeout")} == {
        "state": "CO", "readable_state": "Connected", "model_version": "v1", "timeout": 20.0,
    }  # fmt: skip
    assert document["basic_auth_pass_is_set"] is True
    assert "hush-hush" not in created.content.decode()
    address = f"/api/ml/{document['id']}{slash}"
    assert client.get(address).json()["title"] == "Mine"
    assert [row["id"] for row in client.get(f"/api/ml{slash}?project={cast.project.pk}").json()] == [
        document["id"]
    ]
    changed = client.patch(address, {**document, "title": "Ours"})
    assert (changed.status_code, changed.json()["title"]) == (200, "Ours")
    assert client.get(f"/api/ml/{document['id']}/versions{slash}").json() == {"versions": ["v1"]}
    assert client.delete(address).status_code == 204
    assert not MLBackend.objects.exists()


def test_one_that_is_not_well_is_a_400_with_cause_and_remedy(cast: Cast, api: Api, fake: FakeBackend) -> None:
    fake.answers_html("/health")
    answer = api(cast.manager).post("/api/ml", {"url": fake.url, "project": cast.project.pk})
    assert answer.status_code == 400
    document = answer.json()
    assert "a page of HTML" in document["detail"]
    assert document["validation_errors"].keys() == {"url"}
    assert document["remedy"].startswith("Check that the URL")
    assert not MLBackend.objects.exists()


def test_wrong_credentials_are_told_at_their_field(cast: Cast, api: Api, fake: FakeBackend) -> None:
    fake.credentials = "model:right"
    body = {
        "url": fake.url,
        "project": cast.project.pk,
        "basic_auth_user": "model",
        "basic_auth_pass": "wrong",
    }
    answer = api(cast.manager).post("/api/ml", body)
    assert answer.status_code == 400
    assert answer.json()["validation_errors"].keys() == {"basic_auth_pass"}


def test_one_that_is_not_well_can_be_stored_and_tried_later(cast: Cast, api: Api, fake: FakeBackend) -> None:
    client = api(cast.manager)
    fake.answers("/setup", {"detail": "loading"}, status=503)
    body = {"url": fake.url, "project": cast.project.pk, "store_anyway": True}
    stored = client.post("/api/ml", body).json()
    assert (stored["state"], "status 503: loading" in stored["error_message"]) == ("ER", True)
    (failure,) = client.get(f"/api/ml/{stored['id']}/failures").json()
    assert (failure["call"], failure["response_excerpt"]) == ("setup", '{"detail": "loading"}')
    fake.is_well()
    tried = client.post(f"/api/ml/{stored['id']}/test", {})
    assert (tried.status_code, tried.json()["model_version"]) == (200, "v1")
    assert client.get(f"/api/ml/{stored['id']}").json()["state"] == "CO"


def test_a_header_of_its_own_is_never_returned(cast: Cast, api: Api, fake: FakeBackend) -> None:
    body = {
        "url": fake.url, "project": cast.project.pk, "auth_method": "HEADER",
        "auth_header_name": "X-Model-Key", "auth_header_value": "hush-hush",
    }  # fmt: skip
    created = api(cast.manager).post("/api/ml", body)
    assert created.json()["auth_header_name"] == "X-Model-Key"
    assert "hush-hush" not in created.content.decode()
    assert fake.requests[0].headers["x-model-key"] == "hush-hush"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": "x"},
        {"url": 5, "project": []},
        {"url": "http://a.example.com", "project": 10**30},
        {"auth_method": "OAUTH"},
        {"timeout": "long"},
        {"extra_params": []},
        {"title": "x" * 300},
    ],
    ids=["nothing", "no-url", "types", "big-project", "method", "timeout", "params", "title"],
)
def test_a_body_that_is_none_is_refused(cast: Cast, api: Api, fake: FakeBackend, body: Any) -> None:
    base = {"url": fake.url, "project": cast.project.pk} if "url" not in body and body else {}
    answer = api(cast.manager).post("/api/ml", {**base, **body})
    assert answer.status_code == 400
    assert not MLBackend.objects.exists()


def test_a_backend_does_not_move_to_another_project(cast: Cast, api: Api, fake: FakeBackend) -> None:
    backend = connected(cast.project, fake)
    answer = api(cast.manager).patch(f"/api/ml/{backend.pk}", {"project": cast.project.pk + 1})
    assert answer.status_code == 400
    backend.refresh_from_db()
    assert backend.project_id == cast.project.pk


def test_a_list_costs_the_same_however_long_it_is(cast: Cast, api: Api) -> None:
    client = api(cast.manager)
    client.get(f"/api/ml?project={cast.project.pk}")  # the token's first use is written down
    counts = []
    for number in range(2):
        for place in range(1 + 5 * number):
            make_backend(cast.project, f"https://models.example.com/{number}/{place}")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/api/ml?project={cast.project.pk}")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_without_a_project_the_list_has_all_that_the_caller_may_see(cast: Cast, api: Api) -> None:
    backend = make_backend(cast.project)
    seen = {
        name: [row["id"] for row in api(person).get("/api/ml").json()]
        for name, person in cast.people().items()
    }
    nothing: list[int] = []
    assert seen == {
        "owner": [backend.pk], "manager": [backend.pk], "reviewer": [backend.pk], "viewer": [backend.pk],
        "administrator": [backend.pk], "annotator": nothing, "stranger": nothing,
    }  # fmt: skip
