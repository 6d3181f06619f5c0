"""Uploads over REST: in parts that can be sent again, and the list of a project's files."""

from __future__ import annotations

import re

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core.errors import ValidationFailed
from apps.core.parsers import StrictJSONParser
from apps.imports.models import Upload
from apps.imports.received import UnreadParser, body_of
from apps.imports.serializers import NewUploadSerializer, StoredFilesSerializer, upload_document
from apps.imports.uploads import OffsetMismatch, append_part, begin_upload, delete_uploads, upload_for
from apps.projects.policy import Action, require
from apps.projects.queries import project_for, role_in

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
MAX_FILES_LISTED = 10_000


class UploadsView(APIView):
    """New uploads of a project, in parts."""

    @extend_schema(request=NewUploadSerializer, responses={201: dict})
    def post(self, request: Request, project_id: str) -> Response:
        """Announce a file of `size` bytes. Send its parts by PATCH to the address in `Location`."""
        project = project_for(caller(request), int(project_id), Action.IMPORT)
        form = NewUploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        upload = begin_upload(project=project, created_by=caller(request), **form.validated_data)
        document = upload_document(upload) | {"part_size": settings.UPLOAD_PART_BYTES}
        return Response(
            document,
            status=status.HTTP_201_CREATED,
            headers={"Location": f"/api/uploads/{upload.pk}"} | _offset(upload),
        )


class UploadView(APIView):
    """One upload in parts."""

    parser_classes = (UnreadParser,)

    @extend_schema(responses={200: dict})
    def get(self, request: Request, upload_id: str) -> Response:
        """Return it; `offset` (also in the header Upload-Offset, so HEAD does) is where its next part begins."""
        upload = _changeable(request, upload_id)
        return Response(upload_document(upload), headers=_offset(upload))

    @extend_schema(
        request={"application/octet-stream": bytes},
        parameters=[
            OpenApiParameter("Upload-Offset", int, location="header"),
            OpenApiParameter("Content-Range", str, location="header"),
        ],
        responses={200: dict, 409: dict},
    )
    def patch(self, request: Request, upload_id: str) -> Response:
        """Add the part that begins at `Upload-Offset` (or that `Content-Range` names). 409 says the right offset."""
        upload = _changeable(request, upload_id)
        offset, stream = _wanted_offset(request), body_of(request)
        try:
            upload = append_part(upload_id=upload.pk, offset=offset, stream=stream)
        except OffsetMismatch as error:
            error_headers = {"Upload-Offset": str(error.offset)}
            return Response(
                {"status_code": 409, "detail": error.message, "offset": error.offset},
                status=status.HTTP_409_CONFLICT,
                headers=error_headers,
            )
        return Response(upload_document(upload), headers=_offset(upload))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, upload_id: str) -> Response:
        """Give it up: delete what has arrived."""
        upload = _changeable(request, upload_id)
        delete_uploads(project=upload.project, upload_ids=[upload.pk])
        return Response(status=status.HTTP_204_NO_CONTENT)


class FilesView(APIView):
    """The files of a project."""

    parser_classes = (StrictJSONParser, JSONParser)

    @extend_schema(
        parameters=[OpenApiParameter("ids", str), OpenApiParameter("all", bool)], responses={200: dict}
    )
    def get(self, request: Request, project_id: str) -> Response:
        """List the uploads as `{id, file, size}`, newest first; `ids=1,2` chooses some."""
        project = project_for(caller(request), int(project_id), Action.IMPORT)
        uploads = Upload.objects.filter(project=project).complete().order_by("-pk")
        if wanted := request.query_params.get("ids"):
            uploads = uploads.filter(pk__in=_ids(wanted))
        return Response([upload_document(upload) for upload in uploads[:MAX_FILES_LISTED]])

    @extend_schema(request=StoredFilesSerializer, responses={200: dict})
    def delete(self, request: Request, project_id: str) -> Response:
        """Delete the uploads in `file_upload_ids`; the tasks they brought stay."""
        project = project_for(caller(request), int(project_id), Action.IMPORT)
        form = StoredFilesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        deleted = delete_uploads(project=project, upload_ids=form.validated_data["file_upload_ids"])
        return Response({"deleted": deleted})


class FileView(APIView):
    """One file of a project."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, upload_id: str) -> Response:
        """Return it."""
        return Response(upload_document(_changeable(request, upload_id)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, upload_id: str) -> Response:
        """Delete it; the tasks it brought stay."""
        upload = _changeable(request, upload_id)
        delete_uploads(project=upload.project, upload_ids=[upload.pk])
        return Response(status=status.HTTP_204_NO_CONTENT)


def _changeable(request: Request, upload_id: str) -> Upload:
    upload = upload_for(caller(request), int(upload_id))
    require(role_in(caller(request), upload.project_id), Action.IMPORT)
    return upload


def _offset(upload: Upload) -> dict[str, str]:
    return {
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.size),
        "Cache-Control": "no-store",
    }


def _wanted_offset(request: Request) -> int:
    given = request.headers.get("Upload-Offset", "")
    if given.isdecimal() and len(given) <= 18:
        return int(given)
    if found := _CONTENT_RANGE.fullmatch(request.headers.get("Content-Range", "").strip()):
        return int(found[1])
    raise ValidationFailed("Say where the part begins: Upload-Offset: 0, or Content-Range: bytes 0-99/100.")


def _ids(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and len(part) <= 18 for part in parts):
        raise ValidationFailed("ids must be numbers, separated by commas.")
    return [int(part) for part in parts]
