"""The one SQLite file of a model directory: what models keep, their versions, the jobs and the counters.

Several server processes and training processes use it at once. Each statement of a change runs in a transaction
that takes the write lock first, so nobody acts on what another one is just changing.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_NAME = "state.sqlite3"
BUSY_SECONDS = 30

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
  project TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (project, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS versions (
  project TEXT NOT NULL, version TEXT NOT NULL, created_at REAL NOT NULL, PRIMARY KEY (project, version)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  project TEXT NOT NULL,
  event TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at REAL NOT NULL,
  started_at REAL,
  ended_at REAL,
  starts INTEGER NOT NULL DEFAULT 0,
  owner TEXT,
  process TEXT,
  stop_wanted INTEGER NOT NULL DEFAULT 0,
  model_version TEXT,
  result TEXT,
  error TEXT
);
CREATE INDEX IF NOT EXISTS jobs_open ON jobs (project, number) WHERE status IN ('queued', 'started');
CREATE INDEX IF NOT EXISTS jobs_of_project ON jobs (project, number);
CREATE TABLE IF NOT EXISTS counters (
  name TEXT NOT NULL, label TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY (name, label)
) WITHOUT ROWID;
"""


class State:
    """A connection to the file, shared by the threads of a process."""

    def __init__(self, model_dir: Path) -> None:
        """Open the file in `model_dir`, and make both where they are missing; others on the machine may not read it."""
        model_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.model_dir = model_dir
        path = model_dir / FILE_NAME
        path.touch(mode=0o600)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        with self._lock:
            self._connection.executescript("BEGIN IMMEDIATE;" + _SCHEMA + "COMMIT;")

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock for a block of statements; all of them count, or none."""
        with self._lock:
            if self._connection.in_transaction:  # a change made of smaller ones
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, statement: str, *parameters: object) -> list[sqlite3.Row]:
        """Return what a SELECT finds."""
        with self._lock:
            return self._connection.execute(statement, parameters).fetchall()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()
