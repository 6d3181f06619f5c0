"""The periodic check: state, latency and version follow what backends say of themselves."""

from __future__ import annotations

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.core.events import subscribe
from apps.jobs.kinds import find_kind
from apps.ml.checking import check_all, check_backend
from apps.ml.events import NewModelVersion
from apps.ml.jobs.checking import CHECK
from apps.ml.models import BackendState, MLBackend, ModelVersion, Protocol
from apps.ml.protocol.errors import BackendError, CircuitOpen
from apps.ml.versions import note_version
from apps.projects.archiving import archive_project
from tests.cast import Cast, make_cast
from tests.factories import make_project
from tests.ml.backends import connected
from tests.ml.fake_backend import FakeBackend, fake_backend


def test_a_backend_that_came_back_is_connected_again(cast: Cast, fake: FakeBackend) -> None:
    backend = connected(cast.project, fake, state=BackendState.ERROR, error_message="It was down.")
    check_backend(backend)
    backend.refresh_from_db()
    assert (backend.state, backend.error_message, backend.model_class) == (
        BackendState.CONNECTED, "", "Sentiments",
    )  # fmt: skip
    assert backend.latency_ms is not None
    assert backend.protocol == Protocol.CURRENT


def test_a_new_version_is_kept_and_told_once(
    cast: Cast, fake: FakeBackend, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    backend = connected(cast.project, fake)
    note_version(backend=backend, name="v1")
    told: list[NewModelVersion] = []
    subscribe(NewModelVersion, told.append)
    fake.model_version = "v2"
    with django_capture_on_commit_callbacks(execute=True):
        check_backend(backend)
        check_backend(MLBackend.objects.get(pk=backend.pk))
    assert told == [NewModelVersion(cast.project.pk, backend.pk, "v2")]
    assert [version.name for version in ModelVersion.objects.filter(backend=backend)] == ["v2", "v1"]


def test_a_backend_in_peace_is_not_asked_unless_somebody_insists(cast: Cast, fake: FakeBackend) -> None:
    backend = connected(cast.project, fake)
    fake.answers("/health", {}, status=500)
    for _ in range(5):
        with pytest.raises(BackendError):
            check_backend(backend)
    asked = len(fake.requests)
    with pytest.raises(CircuitOpen):
        check_backend(backend)
    assert len(fake.requests) == asked
    fake.is_well()
    assert check_backend(backend, insist=True).model_version == "v1"


def test_the_check_comes_every_minute() -> None:
    every = find_kind(CHECK).every
    assert every is not None
    assert every.total_seconds() == 60


@pytest.mark.django_db(transaction=True)
def test_all_backends_in_use_are_checked_and_a_dead_one_disturbs_no_other(fake: FakeBackend) -> None:
    cast = make_cast()
    well = connected(cast.project, fake, state=BackendState.DISCONNECTED)
    archived = connected(make_project(cast.owner), fake, state=BackendState.DISCONNECTED)
    archive_project(project_id=archived.project_id, archived_by=None)
    with fake_backend() as dead:
        dying = connected(cast.project, dead)
        dead.stop()
        assert check_all() == {"well": 1, "unwell": 1}
    states = dict(MLBackend.objects.values_list("pk", "state"))
    assert states == {
        well.pk: BackendState.CONNECTED,
        archived.pk: BackendState.DISCONNECTED,
        dying.pk: BackendState.DISCONNECTED,
    }
