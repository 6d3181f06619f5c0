"""Every lock of this app: advisory ones, held until the transaction ends; never two at a time."""

from __future__ import annotations

from django.db import connection

_BLOCKS = 0x73746174  # "stat" in ASCII: keeps these locks apart from others
_PROJECTS = _BLOCKS + 1
_KEYS = 1 << 31


def lock_block(block: int) -> None:
    """Wait for the right to count a block of completions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_BLOCKS, block % _KEYS])


def try_lock_block(block: int) -> bool:
    """Take the right to count a block of completions; False when somebody else is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_BLOCKS, block % _KEYS])
        return bool(cursor.fetchone()[0])


def lock_sums(project_id: int) -> None:
    """Wait for the right to merge or replace the counts of a project's tasks and predictions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_PROJECTS, project_id % _KEYS])
