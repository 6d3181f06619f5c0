"""Kept exports over REST: made, listed, followed, converted, downloaded, deleted."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.accounts.requests import caller
from apps.core.errors import NotFound
from apps.core.negotiation import AnyAccepted
from apps.exports.api import stream_response
from apps.exports.choice_of_format import find_format, normalized
from apps.exports.formats import CATALOGUE
from apps.exports.formats.archive import CONTENT_TYPE
from apps.exports.keeping import convert_export, create_export, delete_export, export_for, record_download
from apps.exports.links import DEFAULT_HOURS, linked_export, make_link, record_use
from apps.exports.models import Export
from apps.exports.options import ExportSpec, read_spec
from apps.exports.serializers import export_document
from apps.exports.services import converted_stream
from apps.exports.snapshot_files import SNAPSHOT_FORMAT, tasks_in
from apps.exports.snapshot_options import read_snapshot
from apps.imports.byte_ranges import file_response
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.queries import project_for

MAX_LISTED = 1_000


def _project(request: Request, project_id: str) -> Project:
    return project_for(caller(request), int(project_id), Action.EXPORT)


def _one(request: Request, project_id: str, export_id: str) -> Export:
    return export_for(caller(request), _project(request, project_id), int(export_id))


class SnapshotsView(APIView):
    """Exports of a project that are kept as a file."""

    @extend_schema(responses={200: list[dict[str, Any]]})
    def get(self, request: Request, project_id: str) -> Response:
        """List them, the newest first."""
        project = _project(request, project_id)
        rows = Export.objects.for_user(caller(request)).snapshots().filter(project=project)
        rows = rows.select_related("job", "created_by").prefetch_related("conversions__job")
        return Response([export_document(row) for row in rows.order_by("-pk")[:MAX_LISTED]])

    @extend_schema(request=dict, responses={201: dict})
    def post(self, request: Request, project_id: str) -> Response:
        """Export into a file: complete with the answer when the tasks are few, else a job makes it.

        The body holds options of exports, `title`, and what the Label Studio API has: task_filter_options,
        annotation_filter_options, serialization_options. Without a word about them, all tasks go in.
        """
        project = _project(request, project_id)
        wanted = read_snapshot(request.data)
        row = create_export(project=project, created_by=caller(request), spec=wanted.spec, title=wanted.title)
        row = export_for(caller(request), project, row.pk)
        return Response(export_document(row) | wanted.answered, status=status.HTTP_201_CREATED)


class SnapshotView(APIView):
    """One of them."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project_id: str, export_id: str) -> Response:
        """Return it; ask again while `status` is created or in_progress."""
        return Response(export_document(_one(request, project_id, export_id)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project_id: str, export_id: str) -> Response:
        """Delete it with its file and what was converted from it; stop it when it is being made."""
        delete_export(row=_one(request, project_id, export_id), deleted_by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConvertView(APIView):
    """Other formats of a kept export in JSON."""

    @extend_schema(request=dict, responses={200: dict})
    def post(self, request: Request, project_id: str, export_id: str) -> Response:
        """Convert it: `{"export_type": "CSV", "download_resources": false}`; its `converted_formats` tell when done."""
        project = _project(request, project_id)
        row = export_for(caller(request), project, int(export_id))
        spec = read_spec(request.data if isinstance(request.data, dict) else {})
        made = convert_export(
            project=project,
            row=row,
            converted_by=caller(request),
            format_name=spec.format,
            media=spec.media or spec.media_if_held,
        )
        return Response({"export_type": made.format, "converted_format": made.pk})


class DownloadView(APIView):
    """The file of a kept export."""

    content_negotiation_class = AnyAccepted

    @extend_schema(
        parameters=[OpenApiParameter("exportType", str, description="Default: the format it was made in.")],
        responses={(200, "application/octet-stream"): bytes},
    )
    def get(self, request: Request, project_id: str, export_id: str) -> HttpResponseBase:
        """Send the file, or the range asked for; another format than its own as it was converted, or as it is read."""
        project = _project(request, project_id)
        row = export_for(caller(request), project, int(export_id))
        given = request.query_params.get("exportType") or request.query_params.get("export_type")
        wanted = normalized(ExportSpec(format=(given or row.format).upper()))
        return download(
            request._request, row, project=project, user=caller(request), format_name=wanted.format
        )


class LinkView(APIView):
    """Links to the file of a kept export, for people without an account."""

    @extend_schema(request=dict, responses={201: dict})
    def post(self, request: Request, project_id: str, export_id: str) -> Response:
        """Make one: `{"hours": 24}`; whoever has it downloads the file until then, without signing in."""
        given = request.data.get("hours", DEFAULT_HOURS) if isinstance(request.data, dict) else DEFAULT_HOURS
        hours = given if type(given) is int else 0
        row = _one(request, project_id, export_id)
        link = make_link(row=row, made_by=caller(request), hours=hours)
        document = {"url": request.build_absolute_uri(link.path), "expires_at": link.expires_at}
        return Response(document, status=status.HTTP_201_CREATED)


class LinkDownloadView(APIView):
    """The file that a link is for."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    content_negotiation_class = AnyAccepted

    @extend_schema(responses={(200, "application/octet-stream"): bytes})
    def get(self, request: Request, key: str) -> HttpResponseBase:
        """Send the file, or the range asked for."""
        row, maker = linked_export(key)
        response = _file(request._request, row)
        if response.status_code == status.HTTP_200_OK:  # not for each part of one download
            record_use(row, maker)
        response["Cache-Control"] = "private, no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response


def download(
    request: HttpRequest, row: Export, *, project: Project, user: User, format_name: str
) -> HttpResponseBase:
    """Return the answer with the file of a kept export in a format.

    Args:
        project: read for `user`.

    Raises:
        NotFound: it is not finished, or its time is over.
        ValidationFailed: there is no such format, or it does not fit the project.
    """
    find_format(format_name)
    if not row.has_file:
        raise NotFound(f"There is no file to download: this export is {row.state}.")
    if row.format != format_name:
        converted = [
            one for one in row.conversions.filter(format=format_name).order_by("-pk") if one.has_file
        ]
        if not converted and row.format == SNAPSHOT_FORMAT:
            return stream_response(
                converted_stream(project=project, user=user, format_name=format_name, tasks=tasks_in(row))
            )
        if not converted:
            raise NotFound(f"This export is {row.format}; only those in JSON come in other formats, too.")
        row = converted[0]
    record_download(row, user)
    return _file(request, row)


def _file(request: HttpRequest, row: Export) -> HttpResponseBase:
    try:
        stream = default_storage.open(row.file)
    except FileNotFoundError as error:
        raise NotFound("The file is gone from the storage. Export once more.") from error
    is_archive = row.filename.endswith(".zip")
    response = file_response(
        request, stream, size=row.size or 0, etag=f'"{hashlib.sha256(row.file.encode()).hexdigest()[:32]}"',
        content_type=CONTENT_TYPE if is_archive else CATALOGUE[row.format].content_type,
    )  # fmt: skip
    response["Content-Disposition"] = f'attachment; filename="{row.filename}"'
    response["filename"] = row.filename
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    if row.next_cursor:
        response["Next-Cursor"] = row.next_cursor
    return response
