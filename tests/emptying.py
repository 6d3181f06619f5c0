"""Tests that commit leave an empty database, in milliseconds.

Django truncates every table behind each of them, and then makes content types and permissions anew. TRUNCATE gives
each of seventy tables and their indexes new files; the two take a second. Deleting the few rows that a test wrote
takes none of it, and content types and permissions may stay: they follow from the models.
"""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management.commands import flush
from django.core.management.sql import emit_post_migrate_signal
from django.db import OperationalError
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg2.errors import DeadlockDetected

KEPT = frozenset({"django_content_type", "auth_permission", "django_migrations"})
ATTEMPTS = 50

_truncating = DatabaseOperations.sql_flush
_executing = DatabaseOperations.execute_sql_flush


def empty_by_deleting() -> None:
    """Have tables emptied this way from now on, where the database's role may pass over foreign keys."""
    DatabaseOperations.sql_flush = _emptying  # type: ignore[method-assign, assignment]
    DatabaseOperations.execute_sql_flush = _giving_way  # type: ignore[method-assign, assignment]
    flush.emit_post_migrate_signal = _announcing_nothing  # type: ignore[attr-defined]


def _emptying(operations: DatabaseOperations, style: Any, tables: list[str], **options: Any) -> list[str]:
    if not _is_superuser(operations) or options.get("reset_sequences"):
        return _truncating(operations, style, tables, **options)
    # Of two that wait for each other, the one that looks first is refused: that shall be us.
    statements = ["SET LOCAL session_replication_role = replica", "SET LOCAL deadlock_timeout = '20ms'"]
    # A page's last request may still be writing: whoever works on a task ends first, whoever comes later waits.
    statements.append("LOCK TABLE tasks_task IN EXCLUSIVE MODE")
    emptied = [*tables, *_tables_without_model(operations)]
    statements += [f"DELETE FROM {operations.quote_name(table)}" for table in emptied if table not in KEPT]
    return ["; ".join(statements)]


def _giving_way(operations: DatabaseOperations, statements: list[str]) -> None:
    """Execute statements in a transaction; again where a page's last request and they wait for each other."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _executing(operations, statements)
            return
        except OperationalError as error:
            if attempt == ATTEMPTS or not isinstance(error.__cause__, DeadlockDetected):
                raise


def _announcing_nothing(*arguments: Any, **options: Any) -> None:
    if not ContentType.objects.exists():
        emit_post_migrate_signal(*arguments, **options)


def _tables_without_model(operations: DatabaseOperations) -> list[str]:
    """Return those that triggers alone write: they do not see what is deleted as a replica."""
    introspection = operations.connection.introspection
    return sorted({*introspection.table_names()} - {*introspection.django_table_names()})


def _is_superuser(operations: DatabaseOperations) -> bool:
    with operations.connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        (is_superuser,) = cursor.fetchone()
    return bool(is_superuser)
