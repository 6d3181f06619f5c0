"""Statements that Postgres parses and plans once a connection, for the few that are run a million times.

psycopg2 sends values inside the statement's text, so that Postgres plans each one anew; planning takes three times as
long as carrying out what finds its rows by their keys. The driver has no prepared statements, but SQL itself has.
"""

from __future__ import annotations

import re
from hashlib import blake2s
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import Error
from psycopg2.errors import FeatureNotSupported, InvalidSqlStatementName

from apps.core.postgresql.base import DatabaseWrapper

_PARAMETER = re.compile(r"%\((\w+)\)s|%%")


class Prepared:
    """A statement with parameters, for Django's default connection.

    Args:
        name: what it is for, to be recognised in logs and in `pg_stat_activity`.
        statement: SQL with parameters as `%(name)s`, each with a cast where Postgres cannot tell its type.
        first: a statement to carry out before it, such as a lock: both go in one round trip and stand or fall
            together, without a transaction around them, and the second one sees what was committed before the first
            one ended. Its rows are passed over.
    """

    def __init__(self, name: str, statement: str, *, first: Prepared | None = None) -> None:
        parameters = tuple(dict.fromkeys(filter(None, _PARAMETER.findall(statement))))
        numbers = {parameter: f"${place}" for place, parameter in enumerate(parameters, 1)}
        self._statement = _PARAMETER.sub(lambda match: numbers[match[1]] if match[1] else "%", statement)
        self._name = f"{name}_{blake2s(self._statement.encode(), digest_size=6).hexdigest()}"
        marks = ", ".join(f"%({parameter})s" for parameter in parameters)
        self._call = f"EXECUTE {self._name} ({marks})" if marks else f"EXECUTE {self._name}"
        self._first = first
        if first:
            self._call = f"{first._call}; {self._call}"

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Carry it out and return its rows; none for a statement that returns nothing.

        Args:
            values: of the parameters; others are passed over.
        """
        database = cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
        with database.quick_cursor() as cursor:
            self._prepare(database)
            try:
                return self._fetched(database, cursor, values)
            except Error as error:
                if not isinstance(error.__cause__, FeatureNotSupported | InvalidSqlStatementName):
                    raise
                # A migration changed the type of its columns, or somebody dropped it: it was not carried out.
                database.prepared = None
                if database.in_atomic_block:  # the transaction is lost
                    raise
                self._prepare(database)
                return self._fetched(database, cursor, values)

    def _fetched(
        self, database: DatabaseWrapper, cursor: Any, values: dict[str, Any]
    ) -> list[tuple[Any, ...]]:
        with database.wrap_database_errors:
            cursor.execute(self._call, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
        return rows

    def row(self, **values: Any) -> tuple[Any, ...] | None:
        """Carry it out and return its first row, if there is one."""
        return next(iter(self.rows(**values)), None)

    def _prepare(self, database: DatabaseWrapper) -> None:
        if self._first:
            self._first._prepare(database)
        known = database.prepared
        if known is None:
            # A pool between us and the server may hand on a connection with what somebody else has prepared.
            known = database.prepared = set()
            _send(database, "DEALLOCATE ALL")
        if self._name not in known:
            _send(database, f"PREPARE {self._name} AS {self._statement}")
            known.add(self._name)


def _send(database: DatabaseWrapper, statement: str) -> None:
    """Send it below Django's cursors: counts of statements must not depend on who was here first."""
    with database.wrap_database_errors, database.connection.cursor() as cursor:
        cursor.execute(statement)
