"""Leaves out what a project has already, or what came before in the same file.

Digests stand in a temporary table of the session, so that memory does not grow with the file or the project.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import OperationalError, connection
from psycopg2.errors import LockNotAvailable

from apps.core.errors import Conflict

_LOCK_SPACE = 0x696D706F7274  # "import" in ASCII: keeps our advisory locks apart from others
_WAIT_FOR_LOCK = "15s"

_FRESH = """
WITH given AS (
    SELECT position, {digest} AS digest
    FROM unnest(%(values)s::text[]) WITH ORDINALITY AS line(value, position)
), fresh AS (
    INSERT INTO {table} SELECT DISTINCT digest FROM given WHERE digest IS NOT NULL
    ON CONFLICT DO NOTHING RETURNING digest
)
SELECT min(position) FROM given JOIN fresh USING (digest) GROUP BY digest
UNION ALL
SELECT position FROM given WHERE digest IS NULL
"""
_FILL = """
INSERT INTO {table} SELECT DISTINCT digest
FROM (SELECT {digest} AS digest FROM tasks_task WHERE project_id = %(project)s) stored
WHERE digest IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes two tasks the same.

    Args:
        stored: a digest of a stored task, in SQL.
        given: the same digest of a `value`, in SQL.
    """

    table: str
    stored: str
    given: str
    key: str = ""


WHOLE_DATA = Identity("import_seen_data", "md5(data::text)::uuid", "md5((value::jsonb)::text)::uuid")
EXTERNAL_ID = Identity(
    "import_seen_external_ids", "md5(nullif(external_id, ''))::uuid", "md5(nullif(value, ''))::uuid"
)


def by_key(key: str) -> Identity:
    """Return the identity of tasks that agree in one key of their data; tasks without it are all different."""
    return Identity(
        "import_seen_keys", "md5(data ->> %(key)s)::uuid", "md5((value::jsonb) ->> %(key)s)::uuid", key
    )


class Seen:
    """The identities that a project and an import have used up.

    Made by `watching`, which keeps two imports from overlooking each other's tasks.
    """

    def __init__(self, identity: Identity, project_id: int) -> None:
        self._identity = identity
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE {identity.table} (digest uuid PRIMARY KEY)")
            cursor.execute(
                _FILL.format(table=identity.table, digest=identity.stored),
                {"project": project_id, "key": identity.key},
            )

    def fresh(self, values: Sequence[str]) -> set[int]:
        """Return the positions (from 0) of the values that were not seen before, and count them as seen."""
        with connection.cursor() as cursor:
            cursor.execute(
                _FRESH.format(table=self._identity.table, digest=self._identity.given),
                {"values": list(values), "key": self._identity.key},
            )
            return {position - 1 for (position,) in cursor.fetchall()}


@contextmanager
def watching(identity: Identity, project_id: int) -> Iterator[Seen]:
    """Give what the project has seen; no other import that asks the same runs in the project meanwhile.

    Raises:
        Conflict: one does, and does not end soon.
    """
    lock = _LOCK_SPACE << 16 ^ project_id
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [_WAIT_FOR_LOCK])
        try:
            cursor.execute("SELECT pg_advisory_lock(%s)", [lock])
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise Conflict(
                    "Another import that leaves out duplicates runs in this project. Try again when it is finished."
                ) from error
            raise
        finally:
            if connection.connection is not None and not connection.needs_rollback:
                cursor.execute("RESET lock_timeout")
    try:
        yield Seen(identity, project_id)
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE IF EXISTS {identity.table}")
                cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])
