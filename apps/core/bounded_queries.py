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
    """Return the rows of a read, or None when it took longer than `limit`; the transaction goes on either way.

    What it changes nevertheless is not kept, such as a lock on rows.
    """
    milliseconds = max(1, round(limit.total_seconds() * 1000))
    bounded = f"SET LOCAL statement_timeout = {milliseconds}; {statement}"
    try:
        if connection.get_autocommit():
            return _rows(bounded, parameters)  # both are one transaction, with which the limit ends
        with transaction.atomic():
            rows = _rows(bounded, parameters)
            transaction.set_rollback(True)  # to the savepoint, and so to the limit before
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise
    return rows


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
