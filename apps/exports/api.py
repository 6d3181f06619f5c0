"""Exports over REST."""

from __future__ import annotations

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core.negotiation import AnyAccepted
from apps.exports.formats import CATALOGUE
from apps.exports.services import export_project
from apps.projects.policy import Action
from apps.projects.queries import project_for


class ExportView(APIView):
    """Labeled tasks as a file."""

    content_negotiation_class = AnyAccepted
    format_parameters: tuple[str, ...] = ("export_type", "exportType")

    @extend_schema(
        parameters=[
            OpenApiParameter("export_type", str, enum=sorted(CATALOGUE)),
            OpenApiParameter("exportType", str, description="The older name of export_type."),
            OpenApiParameter("download_all_tasks", bool),
        ],
        responses={(200, "application/json"): bytes},
    )
    def get(self, request: Request, project_id: str) -> StreamingHttpResponse:
        """Stream the export; without `download_all_tasks` only tasks that somebody answered."""
        project = project_for(caller(request), int(project_id), Action.EXPORT)
        given = [request.query_params.get(name) for name in self.format_parameters]
        wanted = next(filter(None, given), "JSON")
        all_tasks = request.query_params.get("download_all_tasks", "").lower() in ("1", "true", "yes")
        export = export_project(
            project=project, exported_by=caller(request), format_name=wanted, all_tasks=all_tasks
        )
        response = StreamingHttpResponse(export.pieces, content_type=export.content_type)
        response["Content-Disposition"] = f'attachment; filename="{export.filename}"'
        response["filename"] = export.filename
        return response


class ExportFormatsView(APIView):
    """The formats there are."""

    @extend_schema(responses={200: list[dict[str, Any]]})
    def get(self, request: Request, project_id: str) -> Response:
        """List them."""
        project_for(caller(request), int(project_id), Action.EXPORT)
        return Response(
            [
                {"name": entry.name, "title": entry.title, "description": entry.description, "link": ""}
                for entry in CATALOGUE.values()
            ]
        )
