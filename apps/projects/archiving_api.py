"""Archiving projects over REST."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.projects.archiving import archive_project, unarchive_project
from apps.projects.policy import Action
from apps.projects.queries import project_for, totals_of
from apps.projects.serializers import project_document


class ArchiveView(APIView):
    """Puts a project aside."""

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, project_id: str) -> Response:
        """Archive it: it can be read and exported, but nobody labels in it."""
        project = project_for(caller(request), int(project_id), Action.ARCHIVE_PROJECT)
        archived = archive_project(project_id=project.pk, archived_by=caller(request))
        return Response(project_document(archived, totals_of([project.pk])[project.pk]))


class UnarchiveView(APIView):
    """Brings an archived project back."""

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, project_id: str) -> Response:
        """Let people label in it again."""
        project = project_for(caller(request), int(project_id), Action.ARCHIVE_PROJECT)
        present = unarchive_project(project_id=project.pk, unarchived_by=caller(request))
        return Response(project_document(present, totals_of([project.pk])[project.pk]))
