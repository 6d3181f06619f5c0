"""Slows down guessing of API keys: an address that sends many wrong ones waits.

Counted in Redis, because it must be cheap and may be forgotten; while Redis is away nobody is kept waiting, and the
keys still have 160 bits.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.exceptions import Throttled

from apps.audit.origin import valid_address

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60


def _counter() -> str:
    return f"token-failures:{valid_address()}"


def refuse_guessing() -> None:
    """Let the client of this request try a key.

    Raises:
        Throttled: it sent too many wrong ones in the last minute (429 with `Retry-After`).
    """
    try:
        failures = cache.get(_counter(), 0)
    except RedisError:
        logger.warning("Redis does not answer: wrong API keys are not counted")
        return
    if failures >= settings.TOKEN_FAILURE_LIMIT:
        raise Throttled(wait=WINDOW_SECONDS, detail="Too many wrong API tokens from your address.")


def count_failure() -> None:
    """Remember that the client of this request sent a wrong key."""
    try:
        cache.add(_counter(), 0, timeout=WINDOW_SECONDS)
        cache.incr(_counter())
    except ValueError:  # the counter ran out between the two calls: a new minute begins
        cache.set(_counter(), 1, timeout=WINDOW_SECONDS)
    except RedisError:
        logger.warning("Redis does not answer: wrong API keys are not counted")
