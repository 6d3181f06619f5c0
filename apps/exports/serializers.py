"""Kept exports on the wire (docs/export.md)."""

from __future__ import annotations

from typing import Any

from apps.accounts.serializers import person_document
from apps.exports.models import Export
from apps.jobs.models import JobStatus

_STATUSES = {
    JobStatus.QUEUED: "created",
    JobStatus.RUNNING: "in_progress",
    JobStatus.COMPLETED: "completed",
}
"""What clients of the Label Studio API know; everything else failed for them."""


def export_document(row: Export) -> dict[str, Any]:
    """Return a kept export; `state` and what stands behind it is more than the Label Studio API has."""
    return {
        "id": row.pk,
        "title": str(row),
        "created_by": person_document(row.created_by),
        "created_at": row.created_at,
        "finished_at": row.finished_at,
        "status": _status(row),
        "md5": row.md5,
        "counters": {"task_number": row.task_count},
        "converted_formats": [_conversion(one) for one in row.conversions.all()],
        "state": row.state,
        "export_type": row.format,
        "options": row.options,
        "filename": row.filename,
        "size": row.size,
        "problem_count": row.problem_count,
        "next_cursor": row.next_cursor,
        "expires_at": row.expires_at,
        "error": row.why_failed,
        "job": row.job_id,
    }


def _conversion(row: Export) -> dict[str, Any]:
    return {
        "id": row.pk,
        "status": _status(row),
        "export_type": row.format,
        "traceback": row.why_failed or None,
    }


def _status(row: Export) -> str:
    return next((word for state, word in _STATUSES.items() if row.state == state), "failed")
