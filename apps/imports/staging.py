"""Writes checked rows into files in Postgres' COPY format, and copies them in one transaction.

Between the two nothing is stored but reserved ids, so an import that fails leaves no task behind; and the
transaction is as short as COPY makes it, however long reading and checking took.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self

from django.db import connection, transaction
from django.utils import timezone

from apps.core.json import dumps
from apps.imports.rows import ImportedTask
from apps.projects import tallies
from apps.projects.models import Project, SkipRule
from apps.projects.services import reserve_inner_ids

BATCH = 5_000
"""Rows for which ids are reserved at once."""

_TASK_COLUMNS = (
    "id", "project_id", "inner_id", "data", "meta", "overlap", "completions_count", "skips_count", "answers_count",
    "ground_truths_count", "predictions_count", "is_labeled", "prediction_score", "completed_at", "created_at",
    "updated_at",
)  # fmt: skip
_COMPLETION_COLUMNS = (
    "task_id", "project_id", "completed_by_id", "updated_by_id", "result", "was_cancelled", "ground_truth",
    "lead_time", "created_at", "updated_at",
)  # fmt: skip
_PREDICTION_COLUMNS = (
    "task_id",
    "project_id",
    "result",
    "score",
    "model_version",
    "created_at",
    "updated_at",
)


@dataclass(frozen=True, slots=True)
class Staged:
    """What waits in the staging files."""

    tasks: int
    completions: int
    predictions: int


class StagingArea:
    """Three temporary files, one a table; a context manager that deletes them."""

    def __init__(self, *, project: Project, imported_by_id: int) -> None:
        self._project = project
        self._imported_by_id = imported_by_id
        self._now = timezone.now().isoformat()
        self._totals: Counter[str] = Counter()
        self._first_id: int | None = None
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

    def add(self, rows: Sequence[ImportedTask]) -> list[int]:
        """Stage a batch of tasks and return the ids they will have."""
        ids = _reserve_task_ids(len(rows))
        first_inner_id = reserve_inner_ids(project_id=self._project.pk, count=len(rows))
        for offset, (task_id, row) in enumerate(zip(ids, rows, strict=True)):
            self._add_task(task_id, first_inner_id + offset, row)
        return ids

    def _add_task(self, task_id: int, inner_id: int, row: ImportedTask) -> None:
        submitted = [completion for completion in row.completions if not completion.was_cancelled]
        skips = len(row.completions) - len(submitted)
        counted = row.completions if self._project.skip_rule == SkipRule.IGNORE_SKIPPED else submitted
        unknown = sum(completion.completed_by_id is None for completion in counted)
        people = len({completion.completed_by_id for completion in counted} - {None}) + unknown
        ground_truths = sum(completion.ground_truth for completion in row.completions)
        is_labeled = people >= row.overlap
        _write(
            self._tasks,
            task_id, self._project.pk, inner_id, dumps(row.data), dumps(row.meta), row.overlap, len(submitted),
            skips, people, ground_truths, len(row.predictions), is_labeled, self._score(row),
            self._now if is_labeled else None, self._now, self._now,
        )  # fmt: skip
        for completion in row.completions:
            _write(
                self._completions,
                task_id, self._project.pk, completion.completed_by_id, self._imported_by_id,
                dumps(completion.result), completion.was_cancelled, completion.ground_truth, completion.lead_time,
                self._now, self._now,
            )  # fmt: skip
        for prediction in row.predictions:
            _write(
                self._predictions,
                task_id, self._project.pk, dumps(prediction.result), prediction.score, prediction.model_version,
                self._now, self._now,
            )  # fmt: skip
        self._totals.update(
            tasks=1, labeled_tasks=int(is_labeled), tasks_with_completions=int(bool(submitted)),
            completions=len(submitted), skips=skips, ground_truths=ground_truths, predictions=len(row.predictions),
        )  # fmt: skip

    def _score(self, row: ImportedTask) -> float | None:
        """Return the score the queue is ordered by, by the rule of `apps.predictions.services.store_scores`."""
        version = self._project.model_version
        scores = [
            prediction.score
            for prediction in row.predictions
            if prediction.score is not None and version in ("", prediction.model_version)
        ]
        return sum(scores) / len(scores) if scores else None

    @transaction.atomic
    def copy(self) -> Staged:
        """Store everything staged, with the project's totals, or nothing."""
        _copy("tasks_task", _TASK_COLUMNS, self._tasks)
        _copy("completions_completion", _COMPLETION_COLUMNS, self._completions)
        _copy("predictions_prediction", _PREDICTION_COLUMNS, self._predictions)
        tallies.add(self._project.pk, **self._totals)
        answers = self._totals["completions"] + self._totals["skips"]
        return Staged(self._totals["tasks"], answers, self._totals["predictions"])


def _reserve_task_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('tasks_task', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def _write(file: IO[bytes], *values: Any) -> None:
    file.write(b"\t".join(map(_field, values)) + b"\n")


def _field(value: Any) -> bytes:
    """Return a value as a field of COPY's text format (PostgreSQL manual, COPY, "Text Format")."""
    if value is None:
        return b"\\N"
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        escaped = value.replace(b"\\", b"\\\\")
        return escaped.replace(b"\n", b"\\n").replace(b"\r", b"\\r").replace(b"\t", b"\\t")
    return repr(value).encode()


def _copy(table: str, columns: Iterable[str], file: IO[bytes]) -> None:
    file.seek(0)
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", file, size=1 << 20)
