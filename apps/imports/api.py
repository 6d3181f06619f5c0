"""Imports over REST: bringing tasks in, following, reading the report, undoing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.accounts.requests import caller
from apps.core.errors import NotFound, ValidationFailed
from apps.core.pagination import PageNumberPagination
from apps.imports.models import Import, Upload
from apps.imports.options import ImportOptions, truth
from apps.imports.predictions import import_predictions
from apps.imports.received import (
    PARSERS,
    JSONOnly,
    body_name,
    declared_length,
    given_options,
    is_form,
    spooled_body,
    store_body,
    store_form,
    store_from_url,
    url_in,
)
from apps.imports.rejected_rows import as_lines, as_tasks
from apps.imports.serializers import StoredFilesSerializer, import_document, report_document
from apps.imports.services import import_stream, import_uploads, start_import
from apps.imports.undo import count_undo, start_undo
from apps.jobs.serializers import JobSerializer
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.queries import project_for

OPTIONS = [
    OpenApiParameter("return_task_ids", bool),
    OpenApiParameter("commit_to_project", bool, description="false: only store the files."),
    OpenApiParameter("preannotated_from_fields", str, description="Keys that hold predictions: a,b"),
    OpenApiParameter("format", str),
    OpenApiParameter("on_error", str, enum=["abort", "skip"]),
    OpenApiParameter("dedupe", str, description="data, external_id, or a key of the data"),
    OpenApiParameter("external_id_key", str),
    OpenApiParameter("async", bool, description="Answer 202 at once; a worker does it."),
]


class ImportView(APIView):
    """Brings tasks into a project."""

    parser_classes = PARSERS
    content_negotiation_class = JSONOnly

    @extend_schema(
        request={"application/json": list[dict[str, Any]], "multipart/form-data": dict},
        parameters=OPTIONS,
        responses={201: dict, 202: dict},
    )
    def post(self, request: Request, project_id: str) -> Response:
        """Import a body, files, or what `url` names: all of it or nothing, or with `on_error=skip` the good rows."""
        user = caller(request)
        project = project_for(user, int(project_id), Action.IMPORT)
        given = given_options(request)
        options = ImportOptions.read(given)
        if is_form(request):
            return _import_stored(project, store_form(request, project, user), user, options, given)
        length = declared_length(request)
        in_pieces = length is None or length > settings.IMPORT_SYNC_BYTES
        if in_pieces or truth(given.get("async")) or not _commits(given):
            return _import_stored(project, [store_body(request, project, user)], user, options, given)
        with spooled_body(request) as body:
            if url := url_in(body, project):
                upload = store_from_url(project=project, url=url, user=user)
                return _import_stored(project, [upload], user, options, given)
            report = import_stream(
                project=project, stream=body, created_by=user, name=body_name(request), options=options
            )
        document = report_document(report, [], with_ids=options.return_task_ids)
        return Response(document, status=status.HTTP_201_CREATED)


def _commits(given: dict[str, Any]) -> bool:
    return truth(given.get("commit_to_project", True))


def _import_stored(
    project: Project, uploads: list[Upload], user: User, options: ImportOptions, given: dict[str, Any]
) -> Response:
    """Import stored files: now when they are small, by a worker when they are not or the caller likes it better."""
    ids = [upload.pk for upload in uploads]
    if not _commits(given):
        return Response(
            {
                "task_count": 0, "annotation_count": 0, "prediction_count": 0, "duration": 0.0,
                "file_upload_ids": ids, "could_be_tasks_list": False, "found_formats": [], "data_columns": [],
            },
            status=status.HTTP_201_CREATED,
        )  # fmt: skip
    size = sum(upload.size for upload in uploads)
    if truth(given.get("async")) or size > settings.IMPORT_SYNC_BYTES:
        row = start_import(project=project, uploads=uploads, created_by=user, options=options)
        document = {"import": row.pk, "job": str(row.job_id), "file_upload_ids": ids}
        return Response(document, status=status.HTTP_202_ACCEPTED)
    report = import_uploads(project=project, uploads=uploads, created_by=user, options=options)
    document = report_document(report, uploads, with_ids=options.return_task_ids)
    return Response(document, status=status.HTTP_201_CREATED)


class ImportsView(APIView):
    """The imports of a project."""

    content_negotiation_class = JSONOnly

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project_id: str) -> Response:
        """List them, newest first."""
        project = project_for(caller(request), int(project_id), Action.IMPORT)
        rows = Import.objects.filter(project=project).select_related("job").prefetch_related("uploads")
        pages = PageNumberPagination()
        page = pages.paginate_queryset(rows.order_by("-pk"), request) or []
        return pages.get_paginated_response([import_document(row) for row in page])

    @extend_schema(request=StoredFilesSerializer, parameters=OPTIONS, responses={201: dict, 202: dict})
    def post(self, request: Request, project_id: str) -> Response:
        """Import uploads that have arrived before; the options may stand in the body."""
        return _import_by_ids(request, project_id)


class ReimportView(APIView):
    """Imports files again, as a job."""

    content_negotiation_class = JSONOnly

    @extend_schema(request=StoredFilesSerializer, parameters=OPTIONS, responses={201: dict})
    def post(self, request: Request, project_id: str) -> Response:
        """Import `file_upload_ids` once more. What they brought before stays: undo that import first."""
        answer = _import_by_ids(request, project_id, always_as_job=True)
        answer.data["reimport"] = answer.data["import"]
        answer.status_code = status.HTTP_201_CREATED
        return answer


def _import_by_ids(request: Request, project_id: str, *, always_as_job: bool = False) -> Response:
    project = project_for(caller(request), int(project_id), Action.IMPORT)
    form = StoredFilesSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    ids = form.validated_data["file_upload_ids"]
    uploads = list(Upload.objects.filter(project=project, pk__in=ids).order_by("pk"))
    if missing := set(ids) - {upload.pk for upload in uploads}:
        raise ValidationFailed(
            f"This project has no upload {min(missing)}.", fields={"file_upload_ids": ["Unknown."]}
        )
    body: Any = request.data
    given = {**request.query_params.dict(), **body}
    if always_as_job:
        given["async"] = True
    return _import_stored(project, uploads, caller(request), ImportOptions.read(given), given)


def _import_of(request: Request, project_id: str, import_id: str) -> Import:
    project = project_for(caller(request), int(project_id), Action.IMPORT)
    rows = Import.objects.filter(project=project, pk=int(import_id))
    row: Import | None = rows.select_related("job", "project").prefetch_related("uploads").first()
    if row is None:
        raise NotFound(f"This project has no import {import_id}.")
    return row


class ImportDetailView(APIView):
    """One import."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project_id: str, import_id: str) -> Response:
        """Return how it stands or ended; poll this. `status` is that of its job."""
        row = _import_of(request, project_id, import_id)
        wanted = row.options.get("return_task_ids") or truth(request.query_params.get("return_task_ids"))
        return Response(import_document(row, with_ids=bool(wanted)))


class ReportView(APIView):
    """All bad rows of an import."""

    @extend_schema(
        parameters=[OpenApiParameter("as", str, enum=["lines", "tasks"])],
        responses={(200, "application/x-ndjson"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, project_id: str, import_id: str) -> StreamingHttpResponse:
        """Download them: `as=lines` says where each stood and what was wrong; `as=tasks` is a JSON list to mend."""
        row = _import_of(request, project_id, import_id)
        if not row.report:
            raise NotFound("No row of this import was bad.")
        if request.query_params.get("as", "lines") == "tasks":
            response = StreamingHttpResponse(as_tasks(row.report), content_type="application/json")
            name = f"import-{row.pk}-bad-rows.json"
        else:
            response = StreamingHttpResponse(as_lines(row.report), content_type="application/x-ndjson")
            name = f"import-{row.pk}-report.jsonl"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


class UndoView(APIView):
    """Taking an import back."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project_id: str, import_id: str) -> Response:
        """Return how many tasks would go, and how many would stay because people have worked on them."""
        counts = count_undo(_import_of(request, project_id, import_id))
        return Response({"would_go": counts.would_go, "would_stay": counts.would_stay})

    @extend_schema(request=None, responses={202: JobSerializer})
    def post(self, request: Request, project_id: str, import_id: str) -> Response:
        """Have a worker delete the tasks that nobody has worked on since."""
        job = start_undo(row=_import_of(request, project_id, import_id), requested_by=caller(request))
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


class ImportPredictionsView(APIView):
    """Brings predictions to tasks that are there."""

    @extend_schema(request=list[dict[str, Any]], responses={201: dict})
    def post(self, request: Request, project_id: str) -> Response:
        """Store a list of `{task, result, score, model_version}`: all or none."""
        project = project_for(caller(request), int(project_id), Action.IMPORT)
        created = import_predictions(project=project, items=request.data, created_by=caller(request))
        return Response({"created": created}, status=status.HTTP_201_CREATED)
