"""Imports, and taking them back, as background work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.accounts.models import User
from apps.core.errors import ProductError, ValidationFailed
from apps.imports.models import Import
from apps.imports.running import Hooks, ImportReport, run_uploads
from apps.imports.services import IMPORT
from apps.imports.undo import UNDO_IMPORT, undo
from apps.imports.upkeep import (
    delete_abandoned_uploads,
    delete_files_of_deleted_projects,
    delete_orphaned_parts,
)
from apps.jobs.kinds import job_kind
from apps.jobs.running import JobCancelled, RunningJob


@job_kind(IMPORT, title="Import tasks")
def import_tasks(job: RunningJob) -> dict[str, Any]:
    """Run a prepared import; the rows and the job's end are one commit, so it happens once however often it starts."""
    row = _import_of(job)
    if row.created_by is None:
        raise ValidationFailed("The person who started this import has no account any more.")
    hooks = Hooks(
        advance=job.advance,
        check=job.check_cancelled,
        complete=lambda report: job.complete(result_of(report)),
    )
    try:
        return result_of(run_uploads(row, created_by=row.created_by, hooks=hooks))
    except JobCancelled:
        Import.objects.filter(pk=row.pk).update(error="", finished_at=None)
        raise
    except ProductError as error:
        raise ValidationFailed(error.message) from error


def result_of(report: ImportReport) -> dict[str, Any]:
    """Return what the job's readers see."""
    return {
        "import": report.import_id,
        "task_count": report.task_count,
        "annotation_count": report.completion_count,
        "prediction_count": report.prediction_count,
        "duplicate_count": report.duplicate_count,
        "bad_row_count": report.bad_row_count,
        "duration": report.duration,
    }


@job_kind(UNDO_IMPORT, title="Undo an import")
def undo_import(job: RunningJob) -> dict[str, Any]:
    """Delete what an import brought and nobody has worked on since, batch by batch."""
    row = _import_of(job)

    def advance(done: int, total: int) -> None:
        job.check_cancelled()
        job.advance(done, total, f"Deleted {done:,} tasks")

    requested_by = User.objects.filter(pk=job.created_by_id).first() if job.created_by_id else None
    deleted = undo(row=row, undone_by=requested_by, advance=advance)
    return {"import": row.pk, "deleted_tasks": deleted}


@job_kind("upload-clean-up", title="Clean up stored files", every=timedelta(days=1))
def clean_up_uploads(job: RunningJob) -> dict[str, Any]:
    """Delete stored files that nobody needs any more; it may stop and run again."""
    return {
        "deleted_uploads": delete_abandoned_uploads(),
        "deleted_parts": delete_orphaned_parts(job.check_cancelled),
        "deleted_files": delete_files_of_deleted_projects(job.check_cancelled),
    }


def _import_of(job: RunningJob) -> Import:
    found = Import.objects.select_related("project", "created_by").filter(pk=job.payload["import"])
    row: Import | None = found.first()
    if row is None:
        raise ValidationFailed("This import is gone: its project was deleted.")
    return row
