"""Reads that may take long on a large installation, and are given up after a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg2.errors import QueryCanceled


def rows_within(
    limit: timedelta, statement: str, parameters: Mapping[str, Any]
) -> list[tuple[Any, ...]] | None:
    """Return the rows of a read, or None when it took longer than `limit`; the transaction goes on either way."""
    milliseconds = str(int(limit.total_seconds() * 1000))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            before = cursor.fetchone()[0]
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [milliseconds])
            cursor.execute(statement, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise
    return rows
