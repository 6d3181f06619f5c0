"""Imports over REST."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core.errors import TooLarge, ValidationFailed
from apps.imports.services import ImportReport, import_stream
from apps.projects.policy import Action
from apps.projects.queries import project_for

CHUNK = 1 << 20
SPOOL_IN_MEMORY = 8 << 20
"""Bodies up to this size are kept in memory while they are read."""


class UnreadJSONParser(BaseParser):
    """Leaves a JSON body on the wire, for the view to read as a stream."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the stream itself."""
        return stream


def report_document(report: ImportReport, *, with_ids: bool) -> dict[str, Any]:
    """Return what an import brought, as clients of the API expect it."""
    document = {
        "task_count": report.task_count,
        "annotation_count": report.completion_count,
        "prediction_count": report.prediction_count,
        "duration": report.duration,
        "file_upload_ids": [],
        "could_be_tasks_list": False,
        "found_formats": [],
        "data_columns": report.data_columns,
    }
    return {**document, "task_ids": report.task_ids} if with_ids else document


class ImportView(APIView):
    """Brings tasks into a project."""

    parser_classes = (UnreadJSONParser, MultiPartParser)

    @extend_schema(
        request={"application/json": list[dict[str, Any]], "multipart/form-data": dict},
        parameters=[OpenApiParameter("return_task_ids", bool)],
        responses={201: dict},
    )
    def post(self, request: Request, project_id: str) -> Response:
        """Import a JSON list of tasks (or one task), as the body or as one uploaded file: all of it or nothing."""
        project = project_for(caller(request), int(project_id), Action.IMPORT)
        with _uploaded(request) as stream:
            report = import_stream(project=project, stream=stream, created_by=caller(request))
        with_ids = request.query_params.get("return_task_ids", "").lower() in ("1", "true", "yes")
        return Response(report_document(report, with_ids=with_ids), status=status.HTTP_201_CREATED)


@contextmanager
def _uploaded(request: Request) -> Iterator[IO[bytes]]:
    """Give the uploaded JSON as a seekable stream.

    Raises:
        ValidationFailed: not exactly one file was sent.
        TooLarge: a body without a declared length went over the limit.
    """
    if isinstance(request.data, dict):
        files = [file for name in request.FILES for file in request.FILES.getlist(name)]
        if len(files) != 1:
            raise ValidationFailed(f"Send one JSON file at a time; {len(files)} were sent.")
        yield files[0].file
        return
    with tempfile.SpooledTemporaryFile(max_size=SPOOL_IN_MEMORY) as spool:
        size = 0
        while chunk := request.stream.read(CHUNK) if request.stream else b"":
            size += len(chunk)
            if size > settings.MAX_UPLOAD_BYTES:
                raise TooLarge(f"The upload is larger than {settings.MAX_UPLOAD_BYTES:,} bytes.")
            spool.write(chunk)
        spool.seek(0)
        yield spool
