"""Runs an import: reads all that is given, and decides in one transaction what becomes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from psycopg2.errors import DiskFull, ForeignKeyViolation, UniqueViolation

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.completions.relabeling import follow_renames
from apps.core.errors import Conflict, ProductError, ValidationFailed
from apps.core.events import publish
from apps.imports.engine import Engine, sentences
from apps.imports.events import TasksImported
from apps.imports.formats import Source
from apps.imports.given import Given, GivenFile
from apps.imports.media import MediaStore
from apps.imports.models import Import, Upload
from apps.imports.options import ImportOptions
from apps.imports.rejected_rows import RejectedRows
from apps.imports.rows import RowReader
from apps.imports.staging import Staged, StagingArea
from apps.imports.uploads import StorageFull, naming_a_full_disk
from apps.labeling import config as labeling
from apps.projects.archiving import require_labeling
from apps.projects.models import Project
from apps.projects.queries import members_of
from apps.tasks.models import ONE_TASK_PER_EXTERNAL_ID

MAX_RETURNED_IDS = 100_000


@dataclass(slots=True)
class ImportReport:
    """What an import brought, and how long it took in seconds."""

    import_id: int
    task_count: int = 0
    completion_count: int = 0
    prediction_count: int = 0
    duration: float = 0.0
    task_ids: list[int] = field(default_factory=list)
    data_columns: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    duplicate_count: int = 0
    bad_row_count: int = 0
    problems: list[str] = field(default_factory=list)


class ImportRejected(ValidationFailed):
    """Rows were bad, so nothing was imported; `bad_rows` counts them, `fields["tasks"]` names the first thousand."""

    def __init__(self, problems: list[str], bad_rows: int, import_id: int | None = None) -> None:
        super().__init__(sentences(problems, bad_rows), fields={"tasks": problems})
        self.bad_rows = bad_rows
        self.import_id = import_id


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a running import tells and asks.

    Args:
        advance: told the bytes read, of how many, and a sentence.
        count: told the rows read.
        check: called often; what it raises ends the import, and nothing is left behind.
        complete: called as the last act of the deciding transaction.
    """

    advance: Callable[[int, int, str], None] = lambda done, total, message: None
    count: Callable[[int], None] = lambda rows: None
    check: Callable[[], None] = lambda: None
    complete: Callable[[ImportReport], None] = lambda report: None


NO_HOOKS = Hooks()


def run_uploads(row: Import, *, created_by: User, hooks: Hooks = NO_HOOKS) -> ImportReport:
    """Import the uploads of a prepared import; raises as `import_file`."""
    with ExitStack() as files:
        given: list[Given] = []
        uploads = list(row.uploads.order_by("pk"))
        for upload in uploads:
            stream = files.enter_context(_opened(upload))
            source = Source(upload.name, stream, upload.size, url=upload.url)
            given.append(GivenFile(source, file_upload=upload.file, named=len(uploads) > 1))
        return run_import(row, given, created_by=created_by, hooks=hooks)


@contextmanager
def _opened(upload: Upload) -> Iterator[IO[bytes]]:
    try:
        stream = default_storage.open(upload.file)
    except FileNotFoundError as error:
        raise ValidationFailed(f"The file {upload.name} is gone. Upload it again.") from error
    with stream:
        yield stream.file or stream


def run_import(
    row: Import,
    given: Sequence[Given],
    *,
    created_by: User,
    hooks: Hooks = NO_HOOKS,
    dry: bool = False,
) -> ImportReport:
    """Read everything given and decide in one transaction.

    Args:
        dry: find out what would happen, and leave nothing behind but the import's row.

    Raises:
        ImportRejected: rows are bad, and the options do not say to skip them.
        ValidationFailed: something given cannot be read to its end, or there are no tasks in it.
        Conflict: another import brought the same external ids meanwhile, or the project was deleted.
        NotAllowed: there are completions in it, and the project is archived.
    """
    started = time.perf_counter()
    with RejectedRows() as rejected:
        try:
            with naming_a_full_disk():
                return _run(row, given, created_by, hooks, rejected, started, dry)
        except ProductError as error:
            _note_failure(row, given, rejected, error, time.perf_counter() - started)
            if isinstance(error, ImportRejected):
                error.import_id = row.pk
            raise


def _run(
    row: Import,
    given: Sequence[Given],
    created_by: User,
    hooks: Hooks,
    rejected: RejectedRows,
    started: float,
    dry: bool,
) -> ImportReport:
    project, options = row.project, ImportOptions.read(row.options)
    media = _media_store(row, created_by)
    staging = StagingArea(project=project, import_id=row.pk, imported_by_id=created_by.pk)
    progress = _Progress(given, hooks)
    engine = Engine(
        project_id=project.pk, options=options, reader=_row_reader(project, options, created_by), staging=staging,
        rejected=rejected, progress=progress.tell,
    )  # fmt: skip
    with media, staging, engine:
        config = labeling.parse(project.label_config)
        for one in given:
            progress.begin(one)
            engine.file_upload = one.file_upload
            chosen = options.of_file(one.file_upload)
            engine.take(one.items(chosen.entry, chosen.read_options(config), media.store))
        if engine.doomed:
            raise ImportRejected(rejected.listed, rejected.count)
        engine.require_tasks()
        report = ImportReport(
            data_columns=list(engine.found.data_columns), import_id=row.pk, formats=_formats_of(given),
            duplicate_count=engine.found.duplicates, bad_row_count=rejected.count, problems=rejected.listed,
        )  # fmt: skip
        if dry:
            _fill(report, staging.waiting(), time.perf_counter() - started)
            return report
        progress.storing(staging.task_count)
        row.report = rejected.store(f"upload/{project.pk}/{row.media_key}-bad-rows.jsonl")
        _decide(row, staging, media, report, created_by, hooks, started)
    return report


def _formats_of(given: Sequence[Given]) -> list[str]:
    return list(dict.fromkeys(name for one in given for name in one.formats))


def _media_store(row: Import, created_by: User) -> MediaStore:
    return MediaStore(
        project_id=row.project_id,
        import_id=row.pk,
        created_by_id=created_by.pk,
        key=row.media_key,
        max_bytes=settings.MAX_UPLOAD_BYTES,
    )


def _row_reader(project: Project, options: ImportOptions, created_by: User) -> RowReader:
    return RowReader(
        config=labeling.parse(project.label_config),
        members={member.user.email: member.user_id for member in members_of(project)},
        imported_by_id=created_by.pk,
        preannotated_from=options.preannotated_from_fields,
        external_id_key=options.external_id_key,
        strict_results=project.strict_results,
    )


def _decide(
    row: Import,
    staging: StagingArea,
    media: MediaStore,
    report: ImportReport,
    created_by: User,
    hooks: Hooks,
    started: float,
) -> None:
    """Store everything in one transaction, or nothing."""
    try:
        staging.number()
        with transaction.atomic():
            stored = staging.copy(hooks.check)
            if stored.completions:
                require_labeling(Project.objects.get(pk=row.project_id))
                version = row.project.config_version
                follow_renames(project=row.project, config_version=version, imported_by=created_by)
            media.copy_rows()
            _fill(report, stored, time.perf_counter() - started)
            _note_success(row, report)
            _log(row, stored, created_by)
            if stored.tasks:
                publish(TasksImported(row.project_id, row.pk, stored.tasks))
            hooks.complete(report)
        media.keep()
    except OperationalError as error:
        if isinstance(error.__cause__, DiskFull):
            raise StorageFull(
                "The database's disk is full: nothing was imported. Tell the operator."
            ) from error
        raise
    except IntegrityError as error:
        raise _met(error) from error


def _met(error: IntegrityError) -> Exception:
    """Say what somebody else did at the same moment; what nobody can have done stays as it is."""
    cause = error.__cause__
    if isinstance(cause, UniqueViolation) and cause.diag.constraint_name == ONE_TASK_PER_EXTERNAL_ID:
        return Conflict(
            "Another import brought tasks of the same external ids at this moment. Nothing was imported; try again."
        )
    if isinstance(cause, ForeignKeyViolation):
        return Conflict(
            "The project, or somebody whose answers are in the file, was deleted at this moment. Nothing was imported."
        )
    return error


def _fill(report: ImportReport, stored: Staged, duration: float) -> None:
    report.task_count, report.completion_count = stored.tasks, stored.completions
    report.prediction_count, report.duration = stored.predictions, duration
    report.task_ids = list(stored.task_ids[:MAX_RETURNED_IDS])


def _log(row: Import, stored: Staged, created_by: User) -> None:
    after = {"tasks": stored.tasks, "completions": stored.completions, "predictions": stored.predictions}
    record(
        AuditAction.TASKS_IMPORTED, actor=created_by, target=row.project, project_id=row.project_id, after=after
    )  # fmt: skip


def _note_success(row: Import, report: ImportReport) -> None:
    row.task_count, row.completion_count = report.task_count, report.completion_count
    row.prediction_count, row.duplicate_count = report.prediction_count, report.duplicate_count
    row.bad_row_count, row.problems = report.bad_row_count, report.problems
    row.data_columns, row.formats, row.duration = report.data_columns, report.formats, report.duration
    row.error, row.finished_at = "", timezone.now()
    row.save()


def _note_failure(
    row: Import, given: Sequence[Given], rejected: RejectedRows, error: ProductError, duration: float
) -> None:
    row.bad_row_count, row.problems, row.formats = rejected.count, rejected.listed, _formats_of(given)
    if not row.report:
        with suppress(StorageFull), naming_a_full_disk():
            row.report = rejected.store(f"upload/{row.project_id}/{row.media_key}-bad-rows.jsonl")
    row.error, row.duration, row.finished_at = error.message, duration, timezone.now()
    noted = ("bad_row_count", "problems", "formats", "report", "error", "duration", "finished_at")
    # No save(): it would bring back a row that went with its project meanwhile.
    Import.objects.filter(pk=row.pk).update(**{name: getattr(row, name) for name in noted})


class _Progress:
    """Adds up what was read of everything given."""

    def __init__(self, given: Sequence[Given], hooks: Hooks) -> None:
        self._hooks = hooks
        self._total = sum(one.size for one in given)
        self._before = 0
        self._current: Given | None = None

    def begin(self, one: Given) -> None:
        """Count what was read before as read, and go on to the next."""
        self._before += self._current.size if self._current else 0
        self._current = one

    def tell(self, rows: int) -> None:
        """Report the rows read so far."""
        self._hooks.check()
        self._hooks.count(rows)
        at = self._current.position() if self._current else 0
        self._hooks.advance(self._before + at, self._total, f"{rows:,} rows read")

    def storing(self, tasks: int) -> None:
        """Report that everything is read."""
        self._hooks.check()
        self._hooks.advance(self._total, self._total, f"Storing {tasks:,} tasks")
