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
from django.db.backends.postgresql.operations import DatabaseOperations

KEPT = frozenset({"django_content_type", "auth_permission"})

_truncating = DatabaseOperations.sql_flush


def empty_by_deleting() -> None:
    """Have tables emptied this way from now on, where the database's role may pass over foreign keys."""
    DatabaseOperations.sql_flush = _emptying  # type: ignore[method-assign, assignment]
    flush.emit_post_migrate_signal = _announcing_nothing  # type: ignore[attr-defined]


def _emptying(operations: DatabaseOperations, style: Any, tables: list[str], **options: Any) -> list[str]:
    if not _is_superuser(operations) or options.get("reset_sequences"):
        return _truncating(operations, style, tables, **options)
    deleting = [f"DELETE FROM {operations.quote_name(table)}" for table in tables if table not in KEPT]
    # A page's last request may still be writing: whoever works on a task ends first, whoever comes later waits.
    first = "LOCK TABLE tasks_task IN EXCLUSIVE MODE"
    return ["SET LOCAL session_replication_role = replica", first, *deleting]


def _announcing_nothing(*arguments: Any, **options: Any) -> None:
    if not ContentType.objects.exists():
        emit_post_migrate_signal(*arguments, **options)


def _is_superuser(operations: DatabaseOperations) -> bool:
    with operations.connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        (is_superuser,) = cursor.fetchone()
    return bool(is_superuser)
