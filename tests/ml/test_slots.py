"""The slots of a backend: so many requests for predictions at the same time, whoever sends them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from django.db import connection

from apps.core.redis import redis_client
from apps.jobs.runner import run as run_job
from apps.ml import slots as slots_module
from apps.ml.models import MLBackend
from apps.ml.predicting.choosing import of_ids
from apps.ml.predicting.runs import start_run
from apps.ml.slots import Slots, SlotsGivenUp, keys_of, slot_of_a_person
from tests.factories import make_project
from tests.ml.fake_backend import Exchange, FakeBackend, positive
from tests.ml.predicting import ids_of, predicted_ids, quiet


@pytest.fixture
def backend() -> MLBackend:
    """A backend that takes one request at a time, and that no other test knows."""
    return MLBackend(pk=uuid4().int >> 70, concurrency=1)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    while not condition():
        threading.Event().wait(0.005)


def held(backend: MLBackend) -> list[tuple[bytes, float]]:
    """Return who holds a slot, and until when if they do not tell again."""
    return cast(list[tuple[bytes, float]], redis_client().zrange(keys_of(backend)[0], 0, -1, withscores=True))


def waiting(backend: MLBackend) -> int:
    return int(redis_client().zcard(keys_of(backend)[1]))


def test_who_comes_first_has_the_next_slot(backend: MLBackend, threads: ThreadPoolExecutor) -> None:
    order: list[str] = []

    def take(name: str) -> None:
        with slots.one():
            order.append(name)

    with Slots(backend) as slots:
        with slots.one():
            first = threads.submit(take, "first")
            until(lambda: waiting(backend) == 1)
            second = threads.submit(take, "second")
            until(lambda: waiting(backend) == 2)
            assert order == []
        first.result()
        second.result()

    assert order == ["first", "second"]
    assert waiting(backend) == 0


def test_the_slot_of_somebody_who_was_killed_is_free_again(
    backend: MLBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots_module, "HELD_SECONDS", 0.2)
    killed = Slots(backend).one()
    killed.__enter__()  # and nobody tells of it, nor gives it back

    with Slots(backend) as others, others.one():
        assert len(held(backend)) == 1


def test_somebody_who_was_killed_while_waiting_leaves_the_queue(
    backend: MLBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots_module, "WAITING_SECONDS", 0.2)
    with Slots(backend) as slots:
        with slots.one():
            slots_module._ask(slots_module._TAKE, keys_of(backend), "killed", 20, 0.2, 1)
        with slots.one():
            assert waiting(backend) == 0


def test_a_long_request_keeps_its_slot(backend: MLBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots_module, "TELLING_SECONDS", 0.01)
    with Slots(backend) as slots, slots.one():
        ((_, ends),) = held(backend)
        until(lambda: held(backend)[0][1] > ends)


def test_a_request_that_nobody_waits_for_any_more_keeps_its_slot_while_the_backend_is_at_it(
    backend: MLBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots_module, "TELLING_SECONDS", 0.01)
    with Slots(backend) as slots:
        request = slots.one()
        request.__enter__()
    ((_, ends),) = held(backend)

    until(lambda: held(backend)[0][1] > ends)
    request.__exit__(None, None, None)

    assert held(backend) == []


def test_a_person_never_waits_and_runs_make_room(backend: MLBackend, threads: ThreadPoolExecutor) -> None:
    def take() -> None:
        with slots.one():
            pass

    with Slots(backend) as slots:
        with slots.one(), slot_of_a_person(backend, seconds=20), slot_of_a_person(backend, seconds=20):
            assert len(held(backend)) == 3
        with slot_of_a_person(backend, seconds=20):
            taken = threads.submit(take)
            until(lambda: waiting(backend) == 1)
        taken.result()


def test_who_waits_for_a_slot_of_a_run_that_ended_gives_up(
    backend: MLBackend, threads: ThreadPoolExecutor
) -> None:
    def take() -> None:
        with slots.one():
            pass

    with slot_of_a_person(backend, seconds=20):
        with Slots(backend) as slots:
            taken = threads.submit(take)
            until(lambda: waiting(backend) == 1)
        with pytest.raises(SlotsGivenUp):
            taken.result()
        assert waiting(backend) == 0


def test_without_redis_nobody_is_kept_waiting(backend: MLBackend, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    with Slots(backend) as slots, slots.one(), slots.one():
        pass


@pytest.mark.django_db(transaction=True)
def test_two_runs_together_keep_to_the_concurrency_of_their_backend(
    fake: FakeBackend, threads: ThreadPoolExecutor
) -> None:
    project = make_project(tasks=12)
    backend = quiet(project, fake, batch_size=1, concurrency=2)
    ids = ids_of(project)
    too_many = threading.Event()
    both_are_asked = threading.Barrier(2, timeout=30)

    def linger(exchange: Exchange) -> None:
        both_are_asked.wait()
        if fake.calls_at_once > 2:
            too_many.set()
        too_many.wait(0.05)  # long enough for others to come, if they may
        exchange.reply({"results": [positive(exchange.request.document["tasks"][0])], "model_version": "v1"})

    fake.behaves("/predict", linger)
    runs = [start_run(backend=backend, chosen=of_ids(part)) for part in (ids[:6], ids[6:])]

    def carry_out(job_id: UUID) -> None:
        try:
            run_job(job_id=job_id, worker=f"worker-{job_id}")
        finally:
            connection.close()

    for done in [threads.submit(carry_out, run.job.pk) for run in runs if run.job]:
        done.result()

    assert predicted_ids(project) == ids
    assert fake.most_calls_at_once == 2
