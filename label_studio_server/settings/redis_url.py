"""One REDIS_URL for everybody: redis-py and kombu spell a Unix socket differently."""

from urllib.parse import parse_qs, urlsplit


def broker_url(redis_url: str) -> str:
    """Return `redis_url` as kombu spells it.

    redis-py says `unix:///path/valkey.sock?db=1`, kombu `redis+socket:///path/valkey.sock?virtual_host=1`;
    TCP addresses (`redis://`, `rediss://`) are the same for both.
    """
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"
