"""Where an export that goes on later begins: cursors, which miss nothing, and times, which are for people.

A cursor is the oldest transaction that was still open when it was made: what an earlier one wrote stood in that export,
and whatever a later one writes carries its number in `xmin`. No clock has a say, and a transaction that was begun
before the export and ended after it is not missed; its tasks may come twice. A cursor is of one database only: after a
restore into another one it is refused.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

from django.db import connection
from django.utils.dateparse import parse_datetime

from apps.core.errors import ValidationFailed

_CURSOR = re.compile(r"([0-9]{1,19})\.([0-9a-f]{8})")
_OLDEST = 2**31 - 2**20
"""So many transactions later the numbers that rows carry begin anew."""

_NOW = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text, (SELECT system_identifier::text FROM pg_control_system()),
       d.oid::text
FROM pg_database d WHERE d.datname = current_database()
"""
CHANGED_SINCE_CURSOR = "age({row}.xmin) <= age(%(since)s::text::xid8::xid)"
"""Whether a row was written since a cursor; rows of long ago may count, rows that changed always do."""

CHANGED_SINCE_TIME = "{row}.updated_at >= %(since)s"


def next_cursor() -> str:
    """Return the cursor with which an export that begins after this call is to be continued."""
    oldest, identity = _position()
    return f"{oldest}.{identity}"


def since_condition(since: str) -> tuple[str, object]:
    """Return what tells whether a row has changed since a cursor or a time, with the row's alias open, and its value.

    Raises:
        ValidationFailed: it is neither, or the cursor is of another database.
    """
    if found := _CURSOR.fullmatch(since):
        oldest, identity = _position()
        if found[2] != identity or not oldest - _OLDEST <= int(found[1]) <= oldest:
            raise _wrong(
                "This cursor is of another database, or too old. Export everything once, and go on from the new cursor."
            )
        return CHANGED_SINCE_CURSOR, found[1]
    return CHANGED_SINCE_TIME, _time(since)


def _time(since: str) -> datetime:
    try:
        moment = parse_datetime(since if "T" in since or " " in since else f"{since}T00:00:00")
    except ValueError:
        moment = None
    if moment is None:
        raise _wrong("since must be a cursor of an earlier export, or a time such as 2026-11-30T08:00:00Z.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _position() -> tuple[int, str]:
    """Return the oldest open transaction, and what tells this database from others."""
    with connection.cursor() as cursor:
        cursor.execute(_NOW)
        oldest, system, database = cursor.fetchone()
    return int(oldest), hashlib.sha256(f"{system} {database}".encode()).hexdigest()[:8]


def _wrong(message: str) -> ValidationFailed:
    return ValidationFailed(message, fields={"since": [message]})
