"""Today's views on the project that the caller works in, under the addresses of the Flask era."""

from __future__ import annotations

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.classic.documents import classic_project_document
from apps.core.errors import NotFound, ValidationFailed
from apps.data_manager.stream_api import NextTaskView
from apps.exports.api import ExportView
from apps.imports.api import ImportView
from apps.projects import services
from apps.projects.current_project import current_project, make_current
from apps.projects.models import Project
from apps.projects.policy import Action, require
from apps.projects.queries import project_for, totals_of

WHICH_PROJECT = OpenApiParameter(
    "project", int, description="Another project than the one the caller works in."
)


def chosen_project(request: Request, action: Action) -> Project:
    """Return the project a call is about: that of `?project=ID`, else the caller's current one.

    Raises:
        NotFound: there is none, or the caller may not know of it.
        NotAllowed: the caller's role does not allow `action`.
    """
    wanted = request.query_params.get("project") or request.query_params.get("uuid")
    if wanted is not None:
        if not wanted.isdecimal() or len(wanted) > 18:
            raise ValidationFailed("project must be a number, as in ?project=1.")
        return project_for(caller(request), int(wanted), action)
    project = current_project(caller(request), request.session)
    if project is None:
        raise NotFound("You have no project yet. Create one with POST /api/project?new=true.")
    require(project.my_role, action)
    return project


class OnChosenProject(APIView):
    """Lets a view of `/api/projects/{id}/…` answer for the project that the caller works in."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check who calls, then give the handler the project's id as if it stood in the address."""
        super().initial(request, *args, **kwargs)
        # `dispatch` hands this very dictionary on to the method that answers.
        self.kwargs["project_id"] = str(chosen_project(request, Action.VIEW_PROJECT).pk)


class CurrentImportView(OnChosenProject, ImportView):
    """Imports into the current project."""


class CurrentNextTaskView(OnChosenProject, NextTaskView):
    """The label stream of the current project."""


class CurrentExportView(OnChosenProject, ExportView):
    """Exports the current project."""

    other_parameters = frozenset({"project", "uuid"})

    @extend_schema(parameters=[WHICH_PROJECT, OpenApiParameter("format", str)])
    def get(self, request: Request, project_id: str) -> StreamingHttpResponse:
        """Stream the export in the format `format`."""
        return super().get(request, project_id)


class CurrentProjectView(APIView):
    """The project that the caller works in."""

    @extend_schema(parameters=[WHICH_PROJECT], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Return it."""
        return _answer(chosen_project(request, Action.VIEW_PROJECT))

    @extend_schema(
        parameters=[OpenApiParameter("new", bool), OpenApiParameter("desc", str)],
        request=None,
        responses={201: dict},
    )
    def post(self, request: Request) -> Response:
        """Create a project titled `desc`, and work in it from now on."""
        if request.query_params.get("new", "").lower() not in {"true", "1"}:
            raise ValidationFailed("Say POST /api/project?new=true&desc=TITLE to create a project.")
        title = request.query_params.get("desc", "").replace("\x00", "")
        project = services.create_project(created_by=caller(request), title=title)
        make_current(project, caller(request), request.session)
        return _answer(project, status.HTTP_201_CREATED)


class CurrentConfigView(APIView):
    """The labeling config of the project that the caller works in."""

    @extend_schema(parameters=[WHICH_PROJECT], request=dict, responses={201: None})
    def post(self, request: Request) -> Response:
        """Save `label_config`; one that would break answers is refused, and says which."""
        project = chosen_project(request, Action.CHANGE_PROJECT)
        config = request.data.get("label_config") if isinstance(request.data, dict) else None
        if not isinstance(config, str):
            message = "Send the labeling config as label_config."
            raise ValidationFailed(message, fields={"label_config": [message]})
        services.update_project(project_id=project.pk, changed_by=caller(request), label_config=config)
        return Response(status=status.HTTP_201_CREATED)


class SwitchView(APIView):
    """Works in another project from now on."""

    @extend_schema(parameters=[WHICH_PROJECT], request=None, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Switch this browser session to `?project=ID`, of which the caller is a member, and return it."""
        if not request.query_params.get("project") and not request.query_params.get("uuid"):
            raise ValidationFailed("Say which project: ?project=ID.")
        project = chosen_project(request, Action.VIEW_PROJECT)
        make_current(project, caller(request), request.session)
        return _answer(project)


def _answer(project: Project, code: int = status.HTTP_200_OK) -> Response:
    return Response(classic_project_document(project, totals_of([project.pk])[project.pk]), status=code)
