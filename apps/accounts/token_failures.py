"""Slows down guessing of API keys: an address that sends many wrong ones waits.

Counted in Redis, because it must be cheap and may be forgotten; while Redis is away nobody is kept waiting, and the
keys still have 160 bits. Who was let in with a key a moment ago does not guess that key, and is not asked about.
"""

from __future__ import annotations

import logging
import time
from typing import cast

from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.exceptions import Throttled

from apps.audit.origin import address, valid_address
from apps.core.redis import redis_client

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
KNOWN_SECONDS = 60
MAX_KNOWN = 10_000

_known: dict[tuple[str | None, str], float] = {}
"""Until when (of `time.monotonic`) this process knows that an address has the right key, by its digest."""


def _counter() -> str:
    return f"label-studio:token-failures:{valid_address()}"


def refuse_guessing(digest: str) -> None:
    """Let the client of this request try a key.

    Args:
        digest: of the key.

    Raises:
        Throttled: it sent too many wrong ones in the last minute (429 with `Retry-After`).
    """
    if _known.get((address.get(), digest), 0.0) > time.monotonic():
        return
    try:
        failures = int(cast("bytes | None", redis_client().get(_counter())) or 0)
    except RedisError:
        logger.warning("Redis does not answer: wrong API keys are not counted")
        return
    if failures >= settings.TOKEN_FAILURE_LIMIT:
        raise Throttled(wait=WINDOW_SECONDS, detail="Too many wrong API tokens from your address.")


def remember_right_key(digest: str) -> None:
    """Remember that the client of this request has this key. Whether the key still lets in is asked each time."""
    if len(_known) >= MAX_KNOWN:
        _known.clear()
    _known[address.get(), digest] = time.monotonic() + KNOWN_SECONDS


def count_failure() -> None:
    """Remember that the client of this request sent a wrong key."""
    try:
        with redis_client().pipeline() as pipeline:
            pipeline.incr(_counter())
            pipeline.expire(_counter(), WINDOW_SECONDS)
            pipeline.execute()
    except RedisError:
        logger.warning("Redis does not answer: wrong API keys are not counted")
