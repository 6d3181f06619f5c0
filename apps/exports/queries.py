"""Reads tasks for an export: one snapshot, a server-side cursor, JSON that Postgres itself composes.

What is stored as jsonb goes out as Postgres writes it; it is never parsed on the way, and memory stays the same
for any project.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

from django.db import connections, transaction

from apps.core.bounded_queries import rows_within
from apps.exports.statements import Statement

ROWS_PER_FETCH = 500
_COUNTING_MAY_TAKE = timedelta(milliseconds=500)


@contextmanager
def snapshot() -> Iterator[None]:
    """Let everything inside see the database as it is at its first statement, whatever others write.

    Within a transaction of the caller's, that one decides what is seen.
    """
    connection = connections["default"]
    with transaction.atomic():
        if connection.in_atomic_block and len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def exported_tasks(statement: Statement, *, rows_per_fetch: int = ROWS_PER_FETCH) -> Iterator[str]:
    """Yield each task as JSON text, with its completions, in the order of the ids; inside of a `snapshot`."""
    connection = connections["default"].connection
    with closing(connection.cursor(name=f"export_{uuid.uuid4().hex}")) as rows:
        rows.itersize = rows_per_fetch
        rows.execute(statement.text, statement.parameters)
        for (text,) in rows:
            yield text


def count_tasks(statement: Statement) -> int:
    """Return how many tasks `exported_tasks` would yield."""
    with connections["default"].cursor() as cursor:
        cursor.execute(statement.counting, statement.parameters)
        return int(cursor.fetchone()[0])


def count_tasks_quickly(statement: Statement) -> int | None:
    """Return how many tasks `exported_tasks` would yield; None where counting takes longer than a page may wait."""
    rows = rows_within(_COUNTING_MAY_TAKE, statement.counting, statement.parameters)
    return None if rows is None else int(rows[0][0])
