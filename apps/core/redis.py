"""One Redis client a process, for what must be cheaper than Django's cache, which makes a client for each call."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from redis import Redis

TIMEOUT_SECONDS = 1


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)


def redis_client() -> Redis:
    """Return this process's client of the server at REDIS_URL; safe to share between threads."""
    return _client(settings.REDIS_URL)
