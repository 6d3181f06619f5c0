"""What became of imports: the list of a project's, one import with its bad rows, what is left of its tasks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

import orjson
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.core.bounded_queries import rows_within
from apps.imports.formats import CATALOGUE
from apps.imports.models import Import, Upload
from apps.imports.rejected_rows import MAX_LISTED
from apps.imports.undo import UNDO_IMPORT
from apps.jobs.models import Job, JobStatus
from apps.jobs.queries import with_waiting_reasons
from apps.web.data_values import shorten
from apps.web.import_preview import MEDIA_TYPES

COUNTED_TASKS = 200_000
"""Larger imports are not counted in the list: it would keep the page waiting."""

_COUNTING_MAY_TAKE = timedelta(milliseconds=500)
_COUNTS = """
SELECT import_id, count(*), count(*) FILTER (WHERE is_labeled) FROM tasks_task
WHERE import_id = ANY(%(ids)s) GROUP BY import_id
"""
_MINUTES_FROM = 100
_LONG_ENOUGH = timedelta(seconds=2)
"""After this time a running job's speed says something."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not imported."""

    number: int
    place: str
    problems: list[str]
    row: str


@dataclass(slots=True)
class ShownImport:
    """An import as pages show it.

    Args:
        still_there: how many of its tasks are left; None: not counted.
        labeled: how many of these are labeled.
        undo_job: the job that takes it back, while it does, or when it failed.
        first_file: of the stored files it read.
    """

    row: Import
    still_there: int | None = None
    labeled: int | None = None
    undo_job: Job | None = None
    first_file: Upload | None = None

    @property
    def state(self) -> str:
        """Where it stands, in one word."""
        if self.row.undone_at:
            return "undone"
        if self.job_that_undoes is not None:
            return "being undone"
        if self.row.job is None and self.row.finished_at is None:
            return "broken off"
        return self.row.status

    @property
    def is_moving(self) -> bool:
        """Whether a page that shows it has to ask again."""
        return self.state in (JobStatus.QUEUED, JobStatus.RUNNING, "being undone")

    @property
    def job(self) -> Job | None:
        """The job that moves now."""
        return self.job_that_undoes or self.row.job

    @property
    def job_that_undoes(self) -> Job | None:
        """The job that takes it back, until the row tells that it did: the row may have been read just before."""
        job = self.undo_job
        ended_unseen = job is not None and job.status == JobStatus.COMPLETED and self.row.undone_at is None
        return job if job is not None and (job.is_active or ended_unseen) else None

    @property
    def may_be_undone(self) -> bool:
        """Whether there is something to take back."""
        return self.state == JobStatus.COMPLETED and self.row.task_count > 0 and self.still_there != 0

    @property
    def may_run_again(self) -> bool:
        """Whether nothing came of it, and its files are kept."""
        return self.state in (JobStatus.FAILED, JobStatus.CANCELLED, "broken off") and bool(self.first_file)

    @property
    def source(self) -> str:
        """What it read, for people."""
        return self.row.source or "Rows sent over the API"

    @property
    def formats(self) -> str:
        """The formats of its files."""
        options = self.row.options
        names = [own.get("format") for own in (options.get("files") or {}).values()]
        if self.first_file is not None and self.first_file.content_type.startswith(MEDIA_TYPES):
            names.append("MEDIA")
        names = self.row.formats or names or [options.get("format")]
        return ", ".join(dict.fromkeys(CATALOGUE[name].title for name in names if name in CATALOGUE))

    @property
    def bytes_per_second(self) -> float | None:
        """How fast its job reads; None while that cannot be said."""
        job = self.job
        if job is None or job.started_at is None or not job.progress:
            return None
        elapsed = timezone.now() - job.started_at
        return job.progress / elapsed.total_seconds() if elapsed > _LONG_ENOUGH else None

    @property
    def time_left(self) -> str:
        """How long its job will still take at that speed; empty while that cannot be said."""
        job, speed = self.job, self.bytes_per_second
        if job is None or not speed or not job.total or job.progress >= job.total:
            return ""
        seconds = round((job.total - job.progress) / speed) + 1
        return f"{seconds} s left" if seconds < _MINUTES_FROM else f"{round(seconds / 60)} min left"

    @property
    def error(self) -> str:
        """Why nothing was imported."""
        return self.row.error or (self.row.job.error if self.row.job else "")


def shown_imports(rows: Iterable[Import], *, count_all: bool = False) -> list[ShownImport]:
    """Return imports of one project with what is left of their tasks, at a cost of five queries for all of them.

    Args:
        count_all: count the tasks of large ones, too.
    """
    shown = [ShownImport(row) for row in rows]
    ids = [one.row.pk for one in shown if count_all or one.row.task_count <= COUNTED_TASKS]
    counted = rows_within(_COUNTING_MAY_TAKE, _COUNTS, {"ids": ids}) if ids else []
    counts = {pk: (total, labeled) for pk, total, labeled in counted or []}
    undoing = _undo_jobs([one.row for one in shown])
    files = _first_files([one.row.pk for one in shown])
    for one in shown:
        if counted is not None and one.row.pk in ids:
            one.still_there, one.labeled = counts.get(one.row.pk, (0, 0))
        one.undo_job = undoing.get(one.row.pk)
        one.first_file = files.get(one.row.pk)
    with_waiting_reasons(one.job for one in shown if one.job is not None)
    return shown


def _undo_jobs(rows: list[Import]) -> dict[int, Job]:
    """Return the newest undo job of each import that has one."""
    keys = {f"import-undo:{row.pk}": row.pk for row in rows}
    projects = {row.project_id for row in rows}
    jobs = Job.objects.filter(project_id__in=projects, kind=UNDO_IMPORT, dedupe_key__in=keys).order_by("pk")
    return {keys[job.dedupe_key]: job for job in jobs}


def _first_files(ids: list[int]) -> dict[int, Upload]:
    """Return the first of the files of each import that has some; there may be thousands."""
    links: Any = Import.uploads.through._default_manager.filter(import_id__in=ids)
    first = links.order_by("import_id", "upload_id").distinct("import_id").select_related("upload")
    return {link.import_id: link.upload for link in first}


def bad_rows(row: Import, limit: int = MAX_LISTED) -> list[BadRow]:
    """Return the first bad rows of an import, out of its report."""
    if not row.report or not default_storage.exists(row.report):
        return []
    with default_storage.open(row.report) as report:
        lines = [orjson.loads(line) for line in islice(report, limit)]
    return [BadRow(line["number"], line["place"], line["problems"], shorten(line["row"])) for line in lines]
