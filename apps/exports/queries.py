"""Reads tasks for an export: one snapshot, a server-side cursor, JSON that Postgres itself composes.

What is stored as jsonb goes out as Postgres writes it; it is never parsed on the way, and memory stays the same
for any project.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

from django.db import DatabaseError, connections, transaction

from apps.core.bounded_queries import rows_within
from apps.exports.statements import Statement

ROWS_PER_FETCH = 500
_COUNTING_MAY_TAKE = timedelta(milliseconds=500)
_GONE = frozenset({"22023", "42704", "55000"})
"""What Postgres says of a snapshot whose transaction has ended: which of them depends on its version, and on how."""


class SnapshotGone(Exception):
    """Whoever held the shared snapshot holds it no more."""


@contextmanager
def snapshot(shared: str = "") -> Iterator[None]:
    """Let everything inside see the database as it is at its first statement, whatever others write.

    Within a transaction of the caller's, that one decides what is seen.

    Args:
        shared: name of a `shared_snapshot`, to see what that one sees.

    Raises:
        SnapshotGone: it is held no more.
    """
    connection = connections["default"]
    with transaction.atomic():
        if connection.in_atomic_block and len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if shared:
                _import_snapshot(shared)
        yield


def _import_snapshot(name: str) -> None:
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [name])
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) in _GONE:
            raise SnapshotGone from error
        raise


@contextmanager
def shared_snapshot() -> Iterator[str]:
    """Hold the database as it is now, on a connection of its own; yield the name under which others see the same.

    It ends with the block, and with the process: when that is killed, Postgres lets go of it.
    """
    holder = connections["default"].copy()
    try:
        with holder.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # It is idle by purpose, for as long as the others read.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            name = str(cursor.fetchone()[0])
        yield name
        # Whoever closes a connection does not wait until its transaction has ended.
        with holder.cursor() as cursor:
            cursor.execute("ROLLBACK")
    finally:
        holder.close()


def exported_tasks(statement: Statement, *, rows_per_fetch: int = ROWS_PER_FETCH) -> Iterator[str]:
    """Yield each task as JSON text, with its completions, in the order of the ids; inside of a `snapshot`."""
    connection = connections["default"].connection
    with closing(connection.cursor(name=f"export_{uuid.uuid4().hex}")) as rows:
        rows.itersize = rows_per_fetch
        rows.execute(statement.text, statement.parameters)
        for (text,) in rows:
            yield text


def ranges_of(statement: Statement, size: int) -> list[tuple[int, int, int]]:
    """Return the tasks of an export in ranges: after which id, up to which, how many; inside of a `snapshot`.

    Args:
        size: how many tasks a range has at most.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute(statement.ranges, {**statement.parameters, "range_size": size})
        last = 0
        found = []
        for upto, count in cursor.fetchall():
            found.append((last, int(upto), int(count)))
            last = int(upto)
    return found


def data_keys_of(statement: Statement) -> list[str]:
    """Return the keys of the data of an export's tasks, in the order in which they appear first."""
    with connections["default"].cursor() as cursor:
        cursor.execute(statement.keys, statement.parameters)
        return [key for (key,) in cursor.fetchall()]


def count_tasks(statement: Statement) -> int:
    """Return how many tasks `exported_tasks` would yield."""
    with connections["default"].cursor() as cursor:
        cursor.execute(statement.counting, statement.parameters)
        return int(cursor.fetchone()[0])


def count_tasks_quickly(statement: Statement) -> int | None:
    """Return how many tasks `exported_tasks` would yield; None where counting takes longer than a page may wait."""
    rows = rows_within(_COUNTING_MAY_TAKE, statement.counting, statement.parameters)
    return None if rows is None else int(rows[0][0])
