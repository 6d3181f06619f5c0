"""Exports as background work, and the deletion of files whose time is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.core.errors import NotFound, ProductError
from apps.exports.keeping import EXPORT, make, note_failure
from apps.exports.models import Export
from apps.exports.options import read_spec
from apps.exports.parts import can_be_parted, worth_sharing
from apps.exports.queries import count_tasks
from apps.exports.services import prepare_export
from apps.exports.sharing import EXPORT_PARTS, help_with_parts, make_shared
from apps.exports.upkeep import delete_expired_files, delete_orphaned_files, delete_orphaned_parts
from apps.exports.writing import Writer
from apps.jobs.kinds import job_kind
from apps.jobs.running import JobCancelled, RunningJob
from apps.projects.policy import Action
from apps.projects.queries import project_for


@job_kind(EXPORT, title="Export")
def export(job: RunningJob) -> dict[str, Any]:
    """Write the file of an export; it and the job's end are one commit, so it appears once however often it starts."""
    found = Export.objects.select_related("project", "created_by", "snapshot").filter(
        pk=job.payload["export"]
    )
    row: Export | None = found.first()
    if row is None or row.project.deleted_at is not None:
        raise JobCancelled
    try:
        return _make(row, job)
    except ProductError as error:
        note_failure(row, error.message)
        raise


def _make(row: Export, job: RunningJob) -> dict[str, Any]:
    writer = _writer(row)

    def advance(done: int, total: int) -> None:
        job.check_cancelled()
        job.advance(done, total, f"{writer.format.title}: {done:,} of {total:,} tasks")

    def finish(result: dict[str, Any]) -> None:
        job.check_cancelled()
        job.complete(result)

    job.advance(0, message="Counting tasks")
    if row.snapshot is None and can_be_parted(writer) and worth_sharing(count_tasks(writer.statement())):
        make_shared(row, writer, job, finish=finish)
    else:
        make(row, writer, advance=advance, finish=finish)
    return {}


def _writer(row: Export) -> Writer:
    if row.created_by is None or not row.created_by.is_active:
        raise NotFound("Who started this export has no account any more.")
    # Their role may be another one by now.
    project = project_for(row.created_by, row.project_id, Action.EXPORT)
    return prepare_export(project=project, user=row.created_by, spec=read_spec(row.options))


@job_kind(EXPORT_PARTS, title="Help with an export")
def export_parts(job: RunningJob) -> dict[str, Any]:
    """Write parts of a large export beside the job that leads it; nothing is lost when it does not."""
    found = Export.objects.select_related("project", "created_by").filter(
        pk=job.payload["export"], parts__run=job.payload["run"]
    )
    row: Export | None = found.first()
    if row is None or row.project.deleted_at is not None:
        raise JobCancelled
    return {"parts": help_with_parts(_writer(row), job)}


@job_kind("export-clean-up", title="Clean up exports", every=timedelta(hours=6))
def clean_up(job: RunningJob) -> dict[str, Any]:
    """Delete files of exports that are over their time, or that nobody knows of; it may stop and run again."""
    return {
        "expired_files": delete_expired_files(job.check_cancelled),
        "orphaned_files": delete_orphaned_files(job.check_cancelled),
        "orphaned_parts": delete_orphaned_parts(),
    }
