"""Keeps encoded rows in files until it is known that all are good, and copies them in one transaction.

Until then nothing is stored, and no number is taken, so an import that fails leaves nothing behind; and the
transaction is as short as COPY makes it, however long reading and checking took.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Self

from django.db import connection, transaction
from django.utils import timezone

from apps.imports.copy_lines import COMPLETION_COLUMNS, PREDICTION_COLUMNS, TASK_COLUMNS, LineWriter
from apps.imports.rows import PlainTask, ReadyTask
from apps.imports.uploads import naming_a_full_disk
from apps.projects import tallies
from apps.projects.models import Project
from apps.projects.services import reserve_inner_ids

BATCH = 1_000
"""Rows that are encoded and written at once."""

_COPY_BLOCK = 1 << 18

_RESERVE = """
WITH taken AS (
    SELECT nextval(pg_get_serial_sequence('tasks_task', 'id')) AS id FROM generate_series(1, %s)
)
SELECT min(id), max(id), CASE WHEN max(id) - min(id) + 1 > count(*) THEN array_agg(id ORDER BY id) END FROM taken
"""


@dataclass(frozen=True, slots=True)
class Staged:
    """What was in the staging files."""

    tasks: int
    completions: int
    predictions: int
    task_ids: Sequence[int]


class StagingArea:
    """Three temporary files, one a table; a context manager that deletes them."""

    def __init__(self, *, project: Project, import_id: int | None, imported_by_id: int) -> None:
        self._project_id = project.pk
        self._writer = LineWriter(
            project=project, import_id=import_id, imported_by_id=imported_by_id, now=timezone.now()
        )
        self._totals: Counter[str] = Counter()
        self._ids: Sequence[int] = ()
        self._first_inner_id = 0
        self._files = ExitStack()

    def __enter__(self) -> Self:
        self._tasks, self._completions, self._predictions = (
            self._files.enter_context(tempfile.TemporaryFile(prefix="import-"))  # noqa: SIM115 - it is entered
            for _ in range(3)
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    @property
    def task_count(self) -> int:
        """How many tasks wait."""
        return self._totals["tasks"]

    def add(self, rows: Sequence[ReadyTask | PlainTask], *, file_upload: str = "") -> None:
        """Stage a batch of tasks.

        Args:
            file_upload: storage name of the file they come from.

        Raises:
            StorageFull: the disk for temporary files is full.
        """
        lines = self._writer.write(rows, self.task_count, file_upload)
        with naming_a_full_disk():
            self._tasks.write(b"".join(lines.tasks))
            self._completions.write(b"".join(lines.completions))
            self._predictions.write(b"".join(lines.predictions))
        self._totals.update(lines.totals)

    def waiting(self) -> Staged:
        """Return what waits."""
        answers = self._totals["completions"] + self._totals["skips"]
        return Staged(self.task_count, answers, self._totals["predictions"], self._ids)

    def number(self) -> None:
        """Reserve the numbers of the tasks, before the transaction that stores them.

        The lock on the project that this takes is so gone at once, and imports do not wait for each other.
        """
        if self.task_count:
            self._ids = _reserve_task_ids(self.task_count)
            self._first_inner_id = reserve_inner_ids(project_id=self._project_id, count=self.task_count)

    @transaction.atomic
    def copy(self, check: Callable[[], None] = lambda: None) -> Staged:
        """Store everything staged, with the project's totals, or nothing.

        Args:
            check: called every now and then; what it raises rolls all back.
        """
        tasks, answers = _TaskNumbers(self._ids, self._first_inner_id), _IdsOfTasks(self._ids)
        _copy("tasks_task", TASK_COLUMNS, _Lines(self._tasks, tasks, check))
        _copy("completions_completion", COMPLETION_COLUMNS, _Lines(self._completions, answers, check))
        _copy("predictions_prediction", PREDICTION_COLUMNS, _Lines(self._predictions, answers, check))
        tallies.add(self._project_id, **self._totals)
        return self.waiting()


def _reserve_task_ids(count: int) -> Sequence[int]:
    """Take `count` ids from the sequence; they follow one another unless somebody else took some meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, [count])
        first, last, all_ids = cursor.fetchone()
    return all_ids or range(first, last + 1)


class _Lines:
    """A staging file as COPY reads it."""

    def __init__(
        self, file: IO[bytes], number: Callable[[list[bytes]], bytes], check: Callable[[], None]
    ) -> None:
        with naming_a_full_disk():  # what was buffered is written now
            self.is_empty = file.tell() == 0
            file.seek(0)
        self._file = file
        self._number = number
        self._check = check

    def read(self, size: int) -> bytes:
        """Return some lines, with the numbers they get; about `size` bytes."""
        self._check()
        return self._number(self._file.readlines(size))


class _TaskNumbers:
    """Gives the lines of tasks, as they come, their `id` and `inner_id`."""

    def __init__(self, ids: Sequence[int], first_inner_id: int) -> None:
        self._ids = ids
        self._first_inner_id = first_inner_id
        self._position = 0

    def __call__(self, lines: list[bytes]) -> bytes:
        start = self._position
        self._position += len(lines)
        numbers = zip(
            self._ids[start : self._position],
            range(self._first_inner_id + start, self._first_inner_id + self._position),
            lines,
            strict=True,
        )
        return b"".join([b"%d\t%d\t%b" % number for number in numbers])


@dataclass(frozen=True, slots=True)
class _IdsOfTasks:
    """Gives the lines of answers the `id` of the task at their position."""

    ids: Sequence[int]

    def __call__(self, lines: list[bytes]) -> bytes:
        ids = self.ids
        parts = [line.split(b"\t", 1) for line in lines]
        return b"".join([b"%d\t%b" % (ids[int(position)], rest) for position, rest in parts])


def _copy(table: str, columns: Iterable[str], lines: _Lines) -> None:
    if lines.is_empty:
        return
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(statement, lines, size=_COPY_BLOCK)
