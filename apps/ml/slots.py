"""How many requests for predictions a backend gets at the same time, counted over all runs and processes.

A slot is an entry in Redis that ends by itself: who holds one tells every few seconds that they still do, so the slots
of a killed process are free again a moment later. Who waits stands in a queue, so that of two runs each has its turn.
While Redis is away nobody is kept waiting.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self, cast

from redis.exceptions import RedisError

from apps.core.redis import redis_client
from apps.ml.models import MLBackend

logger = logging.getLogger(__name__)

HELD_SECONDS = 20.0
"""A slot that nobody tells of for so long is free."""

TELLING_SECONDS = 5.0
WAITING_SECONDS = 3.0
"""Who waits and does not ask for so long has left the queue."""

SHORTEST_PAUSE, LONGEST_PAUSE, PAUSES_GROW = 0.005, 0.1, 1.5

# KEYS: those who hold a slot, by when that ends; those who wait, by when they came; the same by when they have left.
# The clock is that of Redis: those of several machines need not agree.
_NOW = "local time = redis.call('TIME') local now = tonumber(time[1]) + tonumber(time[2]) / 1000000 "
_TAKE = (
    _NOW
    + """
local token, held, waiting, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now)) do
    redis.call('ZREM', KEYS[2], gone)
    redis.call('ZREM', KEYS[3], gone)
end
redis.call('ZADD', KEYS[2], 'NX', now, token)
local before = redis.call('ZRANK', KEYS[2], token)
if before >= limit - redis.call('ZCARD', KEYS[1]) then
    redis.call('ZADD', KEYS[3], now + waiting, token)
    return 0
end
redis.call('ZREM', KEYS[2], token)
redis.call('ZREM', KEYS[3], token)
redis.call('ZADD', KEYS[1], now + held, token)
return 1
"""
)
# Nobody who waits in the queue is waited for.
_TAKE_AT_ONCE = _NOW + "return redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])"
_HOLD = (
    _NOW
    + """
for place = 2, #ARGV do redis.call('ZADD', KEYS[1], 'XX', now + tonumber(ARGV[1]), ARGV[place]) end
return 0
"""
)
_GIVE_BACK = "for _, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[1]) end return 0"


class SlotsGivenUp(Exception):
    """Nobody wants the slot any more that was waited for."""


class Slots:
    """The slots of one backend; a context manager, within which threads may take them.

    Args:
        backend: whose `concurrency` is the number of slots.
    """

    def __init__(self, backend: MLBackend) -> None:
        self._keys = keys_of(backend)
        self._limit = backend.concurrency
        self._held: set[str] = set()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._telling = threading.Thread(target=self._tell, name="predict-slots", daemon=True)

    def __enter__(self) -> Self:
        self._telling.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot while a block runs, after waiting for one that is free.

        Raises:
            SlotsGivenUp: the slots were left before one was free.
        """
        token = uuid.uuid4().hex
        try:
            self._wait_for(token)
            with self._lock:
                self._held.add(token)
            yield
        finally:
            with self._lock:
                self._held.discard(token)
            _ask(_GIVE_BACK, self._keys, token)

    def _wait_for(self, token: str) -> None:
        pause = SHORTEST_PAUSE
        while _ask(_TAKE, self._keys, token, HELD_SECONDS, WAITING_SECONDS, self._limit) == 0:
            if self._over.wait(pause):
                raise SlotsGivenUp
            pause = min(pause * PAUSES_GROW, LONGEST_PAUSE)

    def _tell(self) -> None:
        while not self._over.wait(TELLING_SECONDS):
            self._tell_once()
        while self._tell_once():  # nobody waits for their answers, but the backend is at them
            time.sleep(TELLING_SECONDS)

    def _tell_once(self) -> bool:
        """Keep the slots that are held; return whether there are any."""
        with self._lock:
            held = list(self._held)
        if held:
            _ask(_HOLD, self._keys, HELD_SECONDS, *held)
        return bool(held)


@contextmanager
def slot_of_a_person(backend: MLBackend, *, seconds: float) -> Iterator[None]:
    """Count a request that a person waits for: it never waits behind runs; these make room for it.

    Args:
        seconds: how long the request may take.
    """
    token = uuid.uuid4().hex
    _ask(_TAKE_AT_ONCE, keys_of(backend), token, seconds + 1)
    try:
        yield
    finally:
        _ask(_GIVE_BACK, keys_of(backend), token)


def keys_of(backend: MLBackend) -> tuple[str, str, str]:
    """Return where the slots of a backend are counted, and the two lists of those who wait for one."""
    key = f"label-studio:ml-slots:{backend.pk}"
    return key, f"{key}:queue", f"{key}:leaving"


def _ask(script: str, keys: tuple[str, ...], *values: str | float) -> int | None:
    """Run a script; None when Redis does not answer."""
    try:
        return cast(int, redis_client().eval(script, len(keys), *keys, *map(str, values)))
    except RedisError:
        logger.warning("Redis does not answer: requests to ML backends are not counted", exc_info=True)
        return None
