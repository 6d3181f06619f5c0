"""Imports and uploads on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.imports.models import Import, Upload
from apps.imports.running import ImportReport
from apps.jobs.queries import with_waiting_reasons
from apps.jobs.serializers import JobSerializer

MAX_LISTED_TASK_IDS = 100_000


def report_document(report: ImportReport, uploads: list[Upload], *, with_ids: bool) -> dict[str, Any]:
    """Return what an import brought, as clients of the API expect it, and what ours know beyond."""
    document = {
        "task_count": report.task_count,
        "annotation_count": report.completion_count,
        "prediction_count": report.prediction_count,
        "duration": report.duration,
        "file_upload_ids": [upload.pk for upload in uploads],
        "could_be_tasks_list": False,
        "found_formats": report.formats,
        "data_columns": report.data_columns,
        "import": report.import_id,
        "duplicate_count": report.duplicate_count,
        "bad_row_count": report.bad_row_count,
        "problems": report.problems,
    }
    return {**document, "task_ids": report.task_ids} if with_ids else document


def import_document(row: Import, *, with_ids: bool = False) -> dict[str, Any]:
    """Return an import; with the ids of its tasks where that was asked for."""
    job = with_waiting_reasons([row.job])[0] if row.job else None
    document = {
        "id": row.pk,
        "project": row.project_id,
        "status": row.status,
        "source": row.source,
        "file_upload_ids": [upload.pk for upload in row.uploads.all()],
        "options": row.options,
        "job": JobSerializer(job).data if job else None,
        "task_count": row.task_count,
        "annotation_count": row.completion_count,
        "prediction_count": row.prediction_count,
        "duplicate_count": row.duplicate_count,
        "bad_row_count": row.bad_row_count,
        "problems": row.problems,
        "has_report": bool(row.report),
        "found_formats": row.formats,
        "data_columns": row.data_columns,
        "duration": row.duration,
        "error": row.error,
        "created_by": row.created_by_id,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
        "undone_at": row.undone_at,
    }
    if with_ids:
        ids = row.tasks.order_by("pk").values_list("pk", flat=True)
        document["task_ids"] = list(ids[:MAX_LISTED_TASK_IDS])
    return document


def upload_document(upload: Upload) -> dict[str, Any]:
    """Return an upload; `offset` is where its next part begins."""
    return {
        "id": upload.pk,
        "project": upload.project_id,
        "name": upload.name,
        "file": upload.file,
        "url": upload.url if upload.is_complete else None,
        "size": upload.size,
        "offset": upload.received,
        "is_complete": upload.is_complete,
        "content_type": upload.content_type,
        "created_at": upload.created_at,
    }


class NewUploadSerializer(serializers.Serializer[dict[str, Any]]):
    """An upload in parts, announced."""

    name = serializers.CharField(max_length=1000)
    size = serializers.IntegerField(min_value=0, max_value=2**53)


class StoredFilesSerializer(serializers.Serializer[dict[str, Any]]):
    """Uploads by their ids."""

    file_upload_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**62), max_length=10_000, allow_empty=False
    )
