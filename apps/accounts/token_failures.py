"""Slows down guessing of API keys: an address that sends many wrong ones waits.

Counted in Redis, because it must be cheap and may be forgotten; while Redis is away nobody is kept waiting, and the
keys still have 160 bits.
"""

from __future__ import annotations

import logging
from typing import cast

from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.exceptions import Throttled

from apps.audit.origin import valid_address
from apps.core.redis import redis_client

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60


def _counter() -> str:
    return f"label-studio:token-failures:{valid_address()}"


def refuse_guessing() -> None:
    """Let the client of this request try a key.

    Raises:
        Throttled: it sent too many wrong ones in the last minute (429 with `Retry-After`).
    """
    try:
        failures = int(cast("bytes | None", redis_client().get(_counter())) or 0)
    except RedisError:
        logger.warning("Redis does not answer: wrong API keys are not counted")
        return
    if failures >= settings.TOKEN_FAILURE_LIMIT:
        raise Throttled(wait=WINDOW_SECONDS, detail="Too many wrong API tokens from your address.")


def count_failure() -> None:
    """Remember that the client of this request sent a wrong key."""
    try:
        with redis_client().pipeline() as pipeline:
            pipeline.incr(_counter())
            pipeline.expire(_counter(), WINDOW_SECONDS)
            pipeline.execute()
    except RedisError:
        logger.warning("Redis does not answer: wrong API keys are not counted")
