"""Connecting, changing and removing ML backends: what is stored, what is refused, what is written down."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.audit.models import Entry
from apps.core.encryption import decrypt
from apps.core.errors import ValidationFailed
from apps.core.events import subscribe
from apps.ml import services
from apps.ml.events import NewModelVersion
from apps.ml.models import BackendFailure, BackendState, MLBackend, ModelVersion, Protocol
from tests.cast import Cast
from tests.ml.backends import connected, make_backend, with_password
from tests.ml.fake_backend import FakeBackend, fake_backend


def test_a_backend_that_is_well_is_stored_with_what_it_says_of_itself(cast: Cast, fake: FakeBackend) -> None:
    backend = services.connect_backend(project=cast.project, connected_by=cast.manager, url=fake.url)
    assert (backend.state, backend.model_class, backend.model_version, backend.protocol) == (
        BackendState.CONNECTED, "Sentiments", "v1", Protocol.CURRENT,
    )  # fmt: skip
    assert backend.latency_ms is not None
    assert backend.checked_at is not None
    assert backend.title == fake.url.removeprefix("http://")
    assert ModelVersion.objects.get(project=cast.project).backend == backend
    assert [request.path for request in fake.requests] == ["/health", "/setup"]


def test_its_first_version_is_told(
    cast: Cast, fake: FakeBackend, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    told: list[NewModelVersion] = []
    subscribe(NewModelVersion, told.append)
    with django_capture_on_commit_callbacks(execute=True):
        backend = services.connect_backend(project=cast.project, connected_by=cast.manager, url=fake.url)
    assert told == [NewModelVersion(cast.project.pk, backend.pk, "v1")]


def test_one_that_is_not_well_is_refused_with_cause_and_remedy(cast: Cast, fake: FakeBackend) -> None:
    fake.answers("/setup", {"detail": "no such model"}, status=500)
    with pytest.raises(ValidationFailed) as raised:
        services.connect_backend(project=cast.project, connected_by=cast.manager, url=fake.url)
    assert "answered /setup with the status 500: no such model" in raised.value.message
    assert raised.value.details["remedy"].startswith("Look into the backend's log")
    assert not MLBackend.objects.exists()
    assert not BackendFailure.objects.exists()


def test_one_that_is_not_well_can_be_stored_all_the_same(cast: Cast, fake: FakeBackend) -> None:
    fake.answers("/health", {}, status=500)
    backend = services.connect_backend(
        project=cast.project, connected_by=cast.manager, url=fake.url, store_anyway=True
    )
    assert backend.state == BackendState.ERROR
    assert "status 500" in backend.error_message
    assert BackendFailure.objects.get(backend=backend).call == "health"


@pytest.mark.parametrize(
    "spelling",
    ["http://models.example.com:80", "HTTP://Models.Example.com/", " http://models.example.com "],
)
def test_an_address_is_connected_once_however_it_is_spelled(cast: Cast, spelling: str) -> None:
    make_backend(cast.project, "http://models.example.com")
    with pytest.raises(ValidationFailed, match="at this address already") as raised:
        services.connect_backend(project=cast.project, connected_by=cast.manager, url=spelling)
    assert "url" in raised.value.fields
    assert MLBackend.objects.count() == 1


@pytest.mark.parametrize(
    "url",
    ["ftp://models.example.com", "http://user:pass@models.example.com", "http://", "models", "http://a b",
     "http://models.example.com/?a=1", "http://models.example.com/#a", "http://" + "a" * 2_100],
    ids=["ftp", "credentials", "no-host", "no-scheme", "space", "query", "fragment", "long"],
)  # fmt: skip
def test_what_is_no_address_is_refused(cast: Cast, url: str) -> None:
    with pytest.raises(ValidationFailed) as raised:
        services.connect_backend(project=cast.project, connected_by=cast.manager, url=url)
    assert "url" in raised.value.fields
    assert not MLBackend.objects.exists()


def test_an_inner_address_needs_the_operators_word(cast: Cast, fake: FakeBackend, settings: Any) -> None:
    settings.ML_ALLOW_LOOPBACK = False
    with pytest.raises(ValidationFailed, match=r"ML_ALLOWED_HOSTS=127\.0\.0\.1:"):
        services.connect_backend(project=cast.project, connected_by=cast.manager, url=fake.url)
    assert fake.requests == []
    settings.ML_ALLOWED_HOSTS = [fake.url.removeprefix("http://")]
    backend = services.connect_backend(project=cast.project, connected_by=cast.manager, url=fake.url)
    assert backend.state == BackendState.CONNECTED


def test_a_host_without_a_port_allows_all_its_ports(cast: Cast, fake: FakeBackend, settings: Any) -> None:
    settings.ML_ALLOW_LOOPBACK = False
    settings.ML_ALLOWED_HOSTS = ["127.0.0.1"]
    backend = services.connect_backend(project=cast.project, connected_by=cast.manager, url=fake.url)
    assert backend.state == BackendState.CONNECTED


def test_a_password_is_stored_encrypted_and_logged_nowhere(cast: Cast) -> None:
    with fake_backend(credentials="model:hush-hush") as fake:
        backend = services.connect_backend(
            project=cast.project, connected_by=cast.manager, url=fake.url,
            auth_method="BASIC_AUTH", auth_name="model", secret="hush-hush",
        )  # fmt: skip
    assert "hush-hush" not in backend.auth_secret
    assert decrypt(backend.auth_secret) == "hush-hush"
    entry = Entry.objects.get(action="model.connected")
    assert entry.actor_id == cast.manager.pk
    assert "hush-hush" not in str(entry.after)


@pytest.mark.parametrize(
    ("settings_", "field"),
    [
        ({"auth_method": "BASIC_AUTH", "auth_name": "a:b", "secret": "x"}, "auth_name"),
        ({"auth_method": "BASIC_AUTH", "auth_name": "", "secret": "x"}, "auth_name"),
        ({"auth_method": "HEADER", "auth_name": "X Key", "secret": "x"}, "auth_name"),
        ({"auth_method": "HEADER", "auth_name": "Host", "secret": "x"}, "auth_name"),
        ({"auth_method": "HEADER", "auth_name": "X-Key", "secret": "a\r\nHost: b"}, "auth_secret"),
        ({"auth_method": "HEADER", "auth_name": "X-Key"}, "auth_secret"),
        ({"predict_seconds": 0}, "predict_seconds"),
        ({"batch_size": 100_000}, "batch_size"),
        ({"extra_params": ["a"]}, "extra_params"),
    ],
    ids=["colon", "no-user", "space", "reserved", "line-break", "no-value", "seconds", "batch", "params"],
)
def test_settings_that_cannot_work_are_refused_before_anything_is_sent(
    cast: Cast, fake: FakeBackend, settings_: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationFailed) as raised:
        services.connect_backend(project=cast.project, connected_by=cast.manager, url=fake.url, **settings_)
    assert field in raised.value.fields
    assert fake.requests == []
    assert not MLBackend.objects.exists()


def test_a_change_that_is_not_about_the_connection_asks_nobody(cast: Cast, fake: FakeBackend) -> None:
    backend = connected(cast.project, fake)
    changed = services.change_backend(backend=backend, changed_by=cast.manager, title="Mine", batch_size=7)
    assert (changed.title, changed.batch_size) == ("Mine", 7)
    assert fake.requests == []
    entry = Entry.objects.get(action="model.changed")
    assert (entry.before, entry.after) == (
        {"title": "Sentiments", "batch_size": 100}, {"title": "Mine", "batch_size": 7},
    )  # fmt: skip


def test_a_new_address_is_asked_before_it_is_stored(cast: Cast, fake: FakeBackend) -> None:
    backend = connected(cast.project, fake)
    with fake_backend() as elsewhere:
        elsewhere.answers("/health", {}, status=500)
        with pytest.raises(ValidationFailed):
            services.change_backend(backend=backend, changed_by=cast.manager, url=elsewhere.url)
    backend.refresh_from_db()
    assert backend.url == fake.url


def test_a_stored_password_is_not_sent_to_another_address(cast: Cast) -> None:
    with fake_backend() as fake, fake_backend() as elsewhere:
        backend = with_password(cast.project, fake, "model", "hush-hush")
        with pytest.raises(ValidationFailed, match="Enter the password or header again"):
            services.change_backend(
                backend=backend, changed_by=cast.manager, url=elsewhere.url, store_anyway=True
            )
        with pytest.raises(ValidationFailed, match="Enter the password or header again"):
            services.try_changes(backend=backend, changes={"url": elsewhere.url})
        assert elsewhere.requests == []
    backend.refresh_from_db()
    assert backend.url == fake.url


def test_a_password_that_is_not_given_stays(cast: Cast) -> None:
    with fake_backend(credentials="model:hush-hush") as fake:
        backend = with_password(cast.project, fake, "model", "hush-hush")
        changed = services.change_backend(
            backend=backend, changed_by=cast.manager, extra_params={"a": 1}, auth_name="model"
        )
    assert decrypt(changed.auth_secret) == "hush-hush"


def test_without_credentials_the_stored_ones_are_forgotten(cast: Cast, fake: FakeBackend) -> None:
    backend = with_password(cast.project, fake, "model", "hush-hush")
    changed = services.change_backend(backend=backend, changed_by=cast.manager, auth_method="NONE")
    assert (changed.auth_name, changed.auth_secret) == ("", "")


def test_trying_a_connection_stores_nothing(cast: Cast, fake: FakeBackend) -> None:
    findings = services.try_connection(project=cast.project, url=fake.url)
    assert (findings.model_class, findings.model_version) == ("Sentiments", "v1")
    assert not MLBackend.objects.exists()
    assert not ModelVersion.objects.exists()


def test_removing_leaves_the_versions_and_says_who_did_it(cast: Cast, fake: FakeBackend) -> None:
    backend = services.connect_backend(project=cast.project, connected_by=cast.manager, url=fake.url)
    services.remove_backend(backend=backend, removed_by=cast.owner)
    assert not MLBackend.objects.exists()
    assert ModelVersion.objects.get().backend is None
    assert Entry.objects.get(action="model.removed").actor_id == cast.owner.pk
