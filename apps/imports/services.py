"""Imports tasks: all of them or, when one row is bad, none, with a report of every bad row."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import ValidationFailed
from apps.core.json import dumps
from apps.imports.reading import read_rows
from apps.imports.rows import BadRow, ImportedTask, RowReader, check_text
from apps.imports.staging import BATCH, Staged, StagingArea
from apps.labeling import config as labeling
from apps.projects.models import Project
from apps.projects.queries import members_of

MAX_REPORTED_ROWS = 1_000
MAX_RETURNED_IDS = 100_000


@dataclass(slots=True)
class ImportReport:
    """What an import brought, and how long it took in seconds."""

    task_count: int = 0
    completion_count: int = 0
    prediction_count: int = 0
    duration: float = 0.0
    task_ids: list[int] = field(default_factory=list)
    data_columns: list[str] = field(default_factory=list)


class ImportRejected(ValidationFailed):
    """Rows were bad, so nothing was imported; `bad_rows` counts them, `fields["tasks"]` names the first thousand."""

    def __init__(self, problems: list[str], bad_rows: int) -> None:
        more = f" (the first {len(problems):,} are listed)" if bad_rows > len(problems) else ""
        noun = "row is" if bad_rows == 1 else "rows are"
        message = f"{bad_rows:,} {noun} bad{more}, so nothing was imported. {problems[0]}."
        super().__init__(message, fields={"tasks": problems})
        self.bad_rows = bad_rows


def import_file(*, project: Project, path: Path, created_by: User) -> ImportReport:
    """Import the tasks in the JSON file at `path`.

    Raises:
        ValidationFailed: there is no such file, it is no JSON or breaks off; nothing was imported.
        ImportRejected: rows are bad; nothing was imported.
    """
    try:
        with path.open("rb") as stream:
            return import_stream(project=project, stream=stream, created_by=created_by)
    except OSError as error:
        raise ValidationFailed(f"{path} cannot be read: {error.strerror or error}.") from error


def import_stream(*, project: Project, stream: IO[bytes], created_by: User) -> ImportReport:
    """Import the tasks in a seekable JSON stream; raises as `import_file`."""
    return import_rows(project=project, rows=read_rows(stream), created_by=created_by)


def import_rows(*, project: Project, rows: Iterable[Any], created_by: User) -> ImportReport:
    """Import tasks given as JSON values.

    Raises:
        ImportRejected: rows are bad; nothing was imported.
        ValidationFailed: there are none.
    """
    started = time.perf_counter()
    reader = RowReader(
        config=labeling.parse(project.label_config),
        overlap=project.overlap,
        members={member.user.email: member.user_id for member in members_of(project)},
        imported_by_id=created_by.pk,
    )
    report = ImportReport()
    with StagingArea(project=project, imported_by_id=created_by.pk) as staging:
        columns: dict[str, None] = {}
        good_rows = _good_rows(reader, rows)
        while batch := list(islice(good_rows, BATCH)):
            ids = staging.add(batch)
            report.task_ids.extend(ids[: MAX_RETURNED_IDS - len(report.task_ids)])
            columns.update(dict.fromkeys(batch[0].data))
        if not report.task_ids:
            raise ValidationFailed("There are no tasks in it. Send a JSON list with at least one task.")
        stored = _store(staging, project, created_by)
    report.task_count, report.completion_count = stored.tasks, stored.completions
    report.prediction_count, report.data_columns = stored.predictions, list(columns)
    report.duration = time.perf_counter() - started
    return report


@transaction.atomic
def _store(staging: StagingArea, project: Project, created_by: User) -> Staged:
    stored = staging.copy()
    record(
        AuditAction.TASKS_IMPORTED,
        actor=created_by,
        target=project,
        project_id=project.pk,
        after=asdict(stored),
    )
    return stored


def _good_rows(reader: RowReader, rows: Iterable[Any]) -> Iterator[ImportedTask]:
    """Yield the tasks until the first bad row; from then on only look for further bad ones.

    Raises:
        ImportRejected: at the end, if there was a bad row.
    """
    problems: list[str] = []
    bad_rows = 0
    for number, row in enumerate(rows, start=1):
        try:
            task = _read(reader, row)
        except BadRow as error:
            bad_rows += 1
            if bad_rows <= MAX_REPORTED_ROWS:
                problems.append(f"Row {number}: {error}")
        else:
            if not bad_rows:
                yield task
    if bad_rows:
        raise ImportRejected(problems, bad_rows)


def _read(reader: RowReader, row: Any) -> ImportedTask:
    try:
        if b"\\u0000" in dumps(row):
            check_text(row)
    except UnicodeEncodeError:
        check_text(row)
    return reader.read(row)
