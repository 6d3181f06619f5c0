"""Events reach their subscribers after the commit, and only then."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.db import connection, transaction

from apps.core.events import is_recorded, publish, record_within, subscribe


@dataclass(frozen=True)
class SomethingHappened:
    number: int


@pytest.fixture
def heard() -> list[int]:
    numbers: list[int] = []
    subscribe(SomethingHappened, lambda event: numbers.append(event.number))
    return numbers


@pytest.mark.django_db(transaction=True)
def test_an_event_is_delivered_after_the_commit(heard):
    with transaction.atomic():
        publish(SomethingHappened(1))
        assert heard == []
    assert heard == [1]


@pytest.mark.django_db(transaction=True)
def test_an_event_of_a_transaction_that_was_rolled_back_is_never_delivered(heard):
    with transaction.atomic():
        publish(SomethingHappened(2))
        transaction.set_rollback(True)
    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_a_subscriber_that_fails_does_not_disturb_the_others(heard):
    def fail(event: SomethingHappened) -> None:
        raise ValueError(event)

    subscribe(SomethingHappened, fail)
    publish(SomethingHappened(3))
    assert heard == [3]


@dataclass(frozen=True)
class SomethingRecorded:
    number: int


@dataclass(frozen=True)
class SomethingWanted:
    number: int


@pytest.mark.django_db(transaction=True)
def test_a_recorder_is_called_within_the_transaction():
    recorded: list[tuple[int, bool]] = []
    record_within(
        SomethingRecorded, lambda event: recorded.append((event.number, connection.in_atomic_block))
    )
    with transaction.atomic():
        publish(SomethingRecorded(1))
        assert recorded == [(1, True)]


@pytest.mark.django_db(transaction=True)
def test_a_recorder_says_beforehand_which_events_it_wants_and_gets_only_those():
    recorded: list[int] = []
    record_within(
        SomethingWanted, lambda event: recorded.append(event.number), wants=lambda event: event.number > 1
    )
    assert [is_recorded(SomethingWanted(number)) for number in (1, 2)] == [False, True]
    for number in (1, 2):
        publish(SomethingWanted(number))
    assert recorded == [2]
