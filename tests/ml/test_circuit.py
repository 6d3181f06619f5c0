"""What is remembered of calls: failures with their cause, the circuit that opens and closes again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.ml.calling import KEPT_FAILURES, calling
from apps.ml.models import AuthMethod, BackendFailure, BackendState, MLBackend
from apps.ml.protocol.errors import BackendError, CircuitOpen, NotSupported
from apps.ml.protocol.tasks import task_documents
from tests.cast import Cast
from tests.ml.backends import connected
from tests.ml.fake_backend import FakeBackend


def ask(backend: MLBackend, *, times: int = 1) -> None:
    """Ask for a health that fails."""
    for _ in range(times):
        with pytest.raises(BackendError), calling(backend, call="health") as client:
            client.health()


def passed(backend: MLBackend) -> None:
    """Let the pause of an open circuit be over."""
    MLBackend.objects.filter(pk=backend.pk).update(retry_at=timezone.now() - timedelta(seconds=1))


def pause(backend: MLBackend) -> float:
    """Return the seconds until the next try."""
    backend.refresh_from_db()
    assert backend.retry_at is not None
    return (backend.retry_at - timezone.now()).total_seconds()


@pytest.fixture
def failing(cast: Cast, fake: FakeBackend) -> MLBackend:
    fake.answers("/health", {"detail": "out of memory"}, status=500)
    return connected(cast.project, fake)


def test_a_failure_is_recorded_with_its_request_and_remedy(failing: MLBackend, fake: FakeBackend) -> None:
    ask(failing)
    failing.refresh_from_db()
    assert (failing.state, failing.failures_in_row, failing.retry_at) == (BackendState.ERROR, 1, None)
    assert "out of memory" in failing.error_message
    failure = BackendFailure.objects.get(backend=failing)
    assert (failure.call, failure.request_excerpt) == ("health", f"GET {fake.url}/health")
    assert failure.remedy.startswith("Look into the backend's log")
    assert failure.response_excerpt == '{"detail": "out of memory"}'


def test_after_five_failures_the_backend_is_left_in_peace(failing: MLBackend, fake: FakeBackend) -> None:
    ask(failing, times=5)
    assert len(fake.requests) == 5
    with pytest.raises(CircuitOpen) as raised, calling(failing, call="predict") as client:
        client.predict([])
    assert len(fake.requests) == 5
    failing.refresh_from_db()
    assert raised.value.details["retry_at"] == failing.retry_at
    assert "It is asked again at" in raised.value.remedy
    assert BackendFailure.objects.count() == 5


def test_each_lost_probe_doubles_the_pause_up_to_ten_minutes(failing: MLBackend) -> None:
    ask(failing, times=5)
    pauses = [pause(failing)]
    for _ in range(8):
        passed(failing)
        ask(failing)
        pauses.append(pause(failing))
    expected = [10, 20, 40, 80, 160, 320, 600, 600, 600]
    assert all(0 <= whole - left < 60 for whole, left in zip(expected, pauses, strict=True))


def test_one_caller_probes_while_the_others_wait(failing: MLBackend, fake: FakeBackend) -> None:
    ask(failing, times=5)
    passed(failing)
    fake.is_well()
    with calling(failing, call="health") as client:
        with pytest.raises(CircuitOpen), calling(failing, call="health"):
            pytest.fail("the second caller was let through")
        client.health()
    failing.refresh_from_db()
    assert (failing.state, failing.failures_in_row, failing.retry_at, failing.error_message) == (
        BackendState.CONNECTED, 0, None, "",
    )  # fmt: skip


def test_failures_of_calls_that_were_under_way_do_not_lengthen_the_pause(failing: MLBackend) -> None:
    ask(failing, times=4)
    late = calling(failing, call="health")
    late.__enter__()
    ask(failing)
    failed = BackendError("It failed, too.", call="health")
    assert not late.__exit__(BackendError, failed, None)
    failing.refresh_from_db()
    assert failing.failures_in_row == 5
    assert pause(failing) <= 10


def test_who_insists_is_let_through(failing: MLBackend, fake: FakeBackend) -> None:
    ask(failing, times=5)
    fake.is_well()
    with calling(failing, call="health", insist=True) as client:
        client.health()
    failing.refresh_from_db()
    assert failing.failures_in_row == 0


def test_what_a_backend_does_not_offer_is_no_sign_of_illness(cast: Cast, fake: FakeBackend) -> None:
    backend = connected(cast.project, fake)
    fake.answers("/webhook", {"status": "Unknown event"})
    for _ in range(6):
        with pytest.raises(NotSupported), calling(backend, call="train") as client:
            client.start_training(tasks_with_completions=None)
    backend.refresh_from_db()
    assert (backend.failures_in_row, backend.state) == (0, BackendState.CONNECTED)
    assert BackendFailure.objects.filter(backend=backend).count() == 6


def test_wrong_answers_to_some_tasks_are_recorded_and_close_no_door(cast: Cast, fake: FakeBackend) -> None:
    backend = connected(cast.project, fake)
    fake.predict = lambda task: {"result": [], "score": "high"}
    task_ids = list(cast.project.tasks.values_list("pk", flat=True))
    with calling(backend, call="predict") as client:
        client.predict(task_documents(cast.project, task_ids))
    backend.refresh_from_db()
    assert backend.failures_in_row == 0
    assert {failure.task_id for failure in backend.failures.all()} == set(task_ids)


def test_the_newest_failures_are_kept(failing: MLBackend) -> None:
    for _ in range(KEPT_FAILURES + 3):
        passed(failing)
        ask(failing)
    assert BackendFailure.objects.filter(backend=failing).count() == KEPT_FAILURES


def test_a_backend_that_was_removed_meanwhile_leaves_no_trace(failing: MLBackend) -> None:
    call = calling(failing, call="health")
    call.__enter__()
    MLBackend.objects.filter(pk=failing.pk).delete()
    assert not call.__exit__(BackendError, BackendError("It failed.", call="health"), None)
    assert not BackendFailure.objects.exists()


def test_a_secret_of_another_key_is_a_failure_that_says_what_to_do(cast: Cast, fake: FakeBackend) -> None:
    backend = connected(
        cast.project, fake, auth_method=AuthMethod.BASIC_AUTH, auth_name="model", auth_secret="gAAAA"
    )
    ask(backend)
    failure = BackendFailure.objects.get(backend=backend)
    assert "SECRET_KEY has changed" in failure.message
    assert "enter its password" in failure.remedy
    assert fake.requests == []
