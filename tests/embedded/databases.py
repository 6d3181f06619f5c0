"""Ask the private servers something, as the product would."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg2
import redis


def query(database_url: str, sql: str) -> list[tuple[Any, ...]]:
    """Run one statement, commit it, and return its rows."""
    parts = urlsplit(database_url)
    assert parts.username
    assert parts.password
    connection = psycopg2.connect(
        host=unquote(parts.netloc.rpartition("@")[2]),
        dbname=parts.path.lstrip("/"),
        user=parts.username,
        password=unquote(parts.password),
    )
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def valkey(redis_url: str) -> redis.Redis:
    """Return a client of the private Valkey."""
    return redis.Redis.from_url(redis_url)
