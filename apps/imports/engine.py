"""Reads, checks and stages the rows of an import. What becomes of them is decided by `running`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from apps.core.errors import ValidationFailed
from apps.imports.dedupe import EXTERNAL_ID, WHOLE_DATA, Seen, by_key, watching
from apps.imports.formats import Item, Row, UnreadableRow
from apps.imports.options import BY_DATA, BY_EXTERNAL_ID, ImportOptions, OnError
from apps.imports.rejected_rows import RejectedRows
from apps.imports.rows import BadRow, PlainTask, ReadyTask, RowReader
from apps.imports.staging import BATCH, StagingArea

MAX_COLUMNS = 1_000


@dataclass(slots=True)
class Found:
    """What was found in the rows."""

    data_columns: dict[str, None] = field(default_factory=dict)
    rows: int = 0
    duplicates: int = 0


@dataclass(slots=True)
class _Batch:
    """Rows that are good so far, with where they stood in case they turn out not to be."""

    tasks: list[ReadyTask | PlainTask] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def keep(self, positions: set[int]) -> None:
        """Forget all rows but those at these positions."""
        for name in ("tasks", "rows", "numbers"):
            setattr(
                self, name, [item for index, item in enumerate(getattr(self, name)) if index in positions]
            )


class Engine:
    """Takes rows until there are no more; a context manager.

    Args:
        progress: told how many rows were taken, after each batch; what it raises ends the import.

    Attributes:
        found: what was found so far.
        file_upload: the storage name of the file that is being read, for `Task.file_upload`.
    """

    def __init__(
        self,
        *,
        project_id: int,
        options: ImportOptions,
        reader: RowReader,
        staging: StagingArea,
        rejected: RejectedRows,
        progress: Callable[[int], None],
    ) -> None:
        self.found = Found()
        self.file_upload = ""
        self._project_id = project_id
        self._options = options
        self._reader = reader
        self._staging = staging
        self._rejected = rejected
        self._progress = progress
        self._external_ids: Seen | None = None
        self._seen: Seen | None = None
        self._open = ExitStack()

    def __enter__(self) -> Engine:
        if self._options.dedupe not in ("", BY_EXTERNAL_ID):
            dedupe = self._options.dedupe
            identity = WHOLE_DATA if dedupe == BY_DATA else by_key(dedupe)
            self._seen = self._open.enter_context(watching(identity, self._project_id))
        return self

    def __exit__(self, *exception: Any) -> None:
        self._open.__exit__(*exception)

    @property
    def doomed(self) -> bool:
        """Whether the import is rejected already, so that rows are only read to find further bad ones."""
        return self._rejected.count > 0 and self._options.on_error is OnError.ABORT

    def take(self, items: Iterable[Item]) -> None:
        """Read, check and stage the rows of one source.

        Raises:
            UnreadableFile: the source cannot be read to its end.
        """
        rows = self._readable(items)
        while batch := self._next_batch(rows):
            if not self.doomed:
                self._add(batch)
            self._progress(self.found.rows)

    def require_tasks(self) -> None:
        """Raises ValidationFailed when there was nothing at all to import."""
        if not (self._staging.task_count or self.found.duplicates or self._rejected.count):
            raise ValidationFailed("There are no tasks in it. Send a JSON list with at least one task.")

    def _readable(self, items: Iterable[Item]) -> Iterator[Row]:
        for item in items:
            self.found.rows += 1
            if isinstance(item, UnreadableRow):
                self._rejected.add(self.found.rows, item.place, [item.problem], item.excerpt)
            else:
                yield item

    def _next_batch(self, rows: Iterator[Row]) -> _Batch | None:
        """Return the next good rows, up to `BATCH`; None at the end. There may be none in a batch of bad ones."""
        batch, read = _Batch(), self._reader.read
        taken = 0
        for row in rows:
            taken += 1
            try:
                task = read(row.value)
            except BadRow as error:
                self._rejected.add(self.found.rows, row.place, error.problems, row.value)
            else:
                batch.tasks.append(task)
                batch.rows.append(row)
                batch.numbers.append(self.found.rows)
            if taken == BATCH:
                break
        return batch if taken else None

    def _add(self, batch: _Batch) -> None:
        external_ids = ["" if isinstance(task, bytes) else task.external_id for task in batch.tasks]
        if any(external_ids):
            self._check_external_ids(batch, external_ids)
        if self._seen is not None and batch.tasks:
            data = [(task if isinstance(task, bytes) else task.data).decode() for task in batch.tasks]
            self._leave_out(batch, self._seen.fresh(data))
        if self.doomed or not batch.tasks:
            return
        self._note_columns(batch.rows[0].value)
        self._staging.add(batch.tasks, file_upload=self.file_upload)

    def _check_external_ids(self, batch: _Batch, external_ids: list[str]) -> None:
        if self._external_ids is None:
            self._external_ids = self._open.enter_context(watching(EXTERNAL_ID, self._project_id))
        fresh = self._external_ids.fresh(external_ids)
        if self._options.dedupe == BY_EXTERNAL_ID:
            self._leave_out(batch, fresh)
            return
        for index, external_id in enumerate(external_ids):
            if index not in fresh:
                problem = f'external_id "{external_id}" is that of another task of this project or file'
                self._rejected.add(
                    batch.numbers[index], batch.rows[index].place, [problem], batch.rows[index].value
                )
        batch.keep(fresh)

    def _leave_out(self, batch: _Batch, fresh: set[int]) -> None:
        self.found.duplicates += len(batch.tasks) - len(fresh)
        batch.keep(fresh)

    def _note_columns(self, value: Any) -> None:
        data = value["data"] if isinstance(value.get("data"), dict) else value
        if len(self.found.data_columns) < MAX_COLUMNS:
            self.found.data_columns.update(dict.fromkeys(data))


def rows_of_values(values: Iterable[Any]) -> Iterator[Row]:
    """Return JSON values as rows."""
    return (Row(value, f"row {number}") for number, value in enumerate(values, start=1))


def sentences(problems: Sequence[str], bad_rows: int) -> str:
    """Return what an import with bad rows says: how many there are, and the first."""
    more = f" (the first {len(problems):,} are listed)" if bad_rows > len(problems) else ""
    noun = "row is" if bad_rows == 1 else "rows are"
    return f"{bad_rows:,} {noun} bad{more}, so nothing was imported. {problems[0]}."
