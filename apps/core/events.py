"""How a lower room tells upper rooms that something happened, without knowing them.

A service publishes a frozen dataclass inside its transaction; subscribers are called after the commit, so they
never see what was rolled back. A subscriber that fails is logged and does not disturb the others. What must not be
lost, even if the process dies right after the commit, is written by a recorder: it is called inside the transaction,
so that what it writes and what it writes about stand or fall together.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from django.db import transaction

logger = logging.getLogger(__name__)

Event = TypeVar("Event")
Subscriber = Callable[[Any], None]

_subscribers: dict[type[Any], list[Subscriber]] = defaultdict(list)
_recorders: dict[type[Any], dict[Subscriber, Callable[[Any], bool]]] = defaultdict(dict)


def subscribe(event_type: type[Event], subscriber: Callable[[Event], None]) -> None:
    """Call `subscriber` with every published event of exactly `event_type`; meant for `AppConfig.ready`."""
    if subscriber not in _subscribers[event_type]:
        _subscribers[event_type].append(subscriber)


def _always(event: object) -> bool:
    return True


def record_within(
    event_type: type[Event], recorder: Callable[[Event], None], *, wants: Callable[[Event], bool] = _always
) -> None:
    """Call `recorder` within the transaction of every event of exactly `event_type`.

    It delays whoever publishes, and its failure is theirs: it looks and writes in one statement at most.

    Args:
        wants: whether it is called with an event; asked very often, so it does not ask the database.
    """
    _recorders[event_type][recorder] = wants


def is_recorded(event: object) -> bool:
    """Whether an event must be published within the transaction that it tells of, because a recorder wants it."""
    return any(wants(event) for wants in _recorders[type(event)].values())


def publish(event: object) -> None:
    """Hand `event` to its recorders, and to its subscribers once the current transaction has committed."""
    for recorder, wants in _recorders[type(event)].items():
        if wants(event):
            recorder(event)
    for subscriber in _subscribers[type(event)]:
        transaction.on_commit(partial(_deliver, subscriber, event))


def _deliver(subscriber: Subscriber, event: object) -> None:
    try:
        subscriber(event)
    except Exception:
        logger.exception("%s failed on %s", subscriber, event)
