"""How a lower room tells upper rooms that something happened, without knowing them.

A service publishes a frozen dataclass inside its transaction; subscribers are called after the commit, so they
never see what was rolled back. A subscriber that fails is logged and does not disturb the others: what it must
not lose, it keeps as a job.
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


def subscribe(event_type: type[Event], subscriber: Callable[[Event], None]) -> None:
    """Call `subscriber` with every published event of exactly `event_type`; meant for `AppConfig.ready`."""
    if subscriber not in _subscribers[event_type]:
        _subscribers[event_type].append(subscriber)


def publish(event: object) -> None:
    """Deliver `event` to its subscribers once the current transaction has committed."""
    for subscriber in _subscribers[type(event)]:
        transaction.on_commit(partial(_deliver, subscriber, event))


def _deliver(subscriber: Subscriber, event: object) -> None:
    try:
        subscriber(event)
    except Exception:
        logger.exception("%s failed on %s", subscriber, event)
