"""Projects over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core.echoed_ids import require_echoed_ids
from apps.core.errors import ValidationFailed
from apps.core.pagination import PageNumberPagination
from apps.projects import deletion, services
from apps.projects.config_api import config_decision, relabeling_document
from apps.projects.config_changing import OnImpact
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.queries import project_for, totals_of
from apps.projects.querysets import ProjectQuerySet
from apps.projects.serializers import ProjectSerializer, counters_document, project_document

ORDERINGS = {"id", "title", "created_at", "updated_at"}
ARCHIVED_CHOICES = {"true": True, "1": True, "false": False, "0": False}


def document(project: Project) -> dict[str, Any]:
    """Return a project as the API shows it, with its totals."""
    return project_document(project, totals_of([project.pk])[project.pk])


def listed_projects(request: Request) -> ProjectQuerySet:
    """Return the caller's projects under the list's filters.

    Raises:
        ValidationFailed: `ids` holds something that is no id, `ordering` names no column, or `archived` is neither
            true nor false.
    """
    projects = Project.objects.for_user(caller(request)).select_related("created_by")
    if given := request.query_params.getlist("ids"):
        numbers = [part for text in given for part in text.split(",") if part]
        if not all(number.isdecimal() and len(number) <= 18 for number in numbers):
            raise ValidationFailed("ids must be numbers, as in ids=1,2.")
        projects = projects.filter(pk__in=[int(number) for number in numbers])
    if archived := request.query_params.get("archived", "").lower():
        if archived not in ARCHIVED_CHOICES:
            raise ValidationFailed(
                "archived must be true or false.", fields={"archived": ["Not true or false."]}
            )
        projects = projects.archived(ARCHIVED_CHOICES[archived])
    text = request.query_params.get("search") or request.query_params.get("title") or ""
    ordering = request.query_params.get("ordering", "-created_at")
    if ordering.removeprefix("-") not in ORDERINGS:
        raise ValidationFailed(f"Projects can be ordered by {', '.join(sorted(ORDERINGS))}.")
    return projects.matching(text.replace("\x00", "")).order_by(ordering, "-pk")


class ProjectsView(APIView):
    """The caller's projects."""

    @extend_schema(
        parameters=[
            *(OpenApiParameter(name, str) for name in ("ids", "search", "ordering", "page", "page_size")),
            OpenApiParameter("archived", bool, description="Only archived projects, or only the others."),
        ],
        responses={200: dict},
    )
    def get(self, request: Request) -> Response:
        """List them, newest first."""
        pager = PageNumberPagination()
        page = pager.paginate_queryset(listed_projects(request), request, view=self) or []
        totals = totals_of([project.pk for project in page])
        return pager.get_paginated_response(
            [project_document(project, totals[project.pk]) for project in page]
        )

    @extend_schema(request=ProjectSerializer, responses={201: dict})
    def post(self, request: Request) -> Response:
        """Create a project; the caller becomes its owner."""
        form = ProjectSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        settings = {"title": "", **form.settings()}
        project = services.create_project(created_by=caller(request), **settings)
        return Response(document(project), status=status.HTTP_201_CREATED)


class ProjectCountsView(APIView):
    """Only the counters of the caller's projects."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """List the counters."""
        pager = PageNumberPagination()
        page = pager.paginate_queryset(listed_projects(request), request, view=self) or []
        totals = totals_of([project.pk for project in page])
        return pager.get_paginated_response(
            [{"id": project.pk, **counters_document(totals[project.pk])} for project in page]
        )


class ProjectView(APIView):
    """One project."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project_id: str) -> Response:
        """Return it with its totals."""
        return Response(document(project_for(caller(request), int(project_id), Action.VIEW_PROJECT)))

    @extend_schema(
        parameters=[OpenApiParameter("on_config_impact", str, enum=OnImpact.values)],
        request=ProjectSerializer,
        responses={200: dict},
    )
    def patch(self, request: Request, project_id: str) -> Response:
        """Change the given settings; a config that would break answers is refused unless one decides."""
        project = project_for(caller(request), int(project_id), Action.CHANGE_PROJECT)
        require_echoed_ids(request.data, id=project.pk, created_by=project.created_by_id)
        form = ProjectSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        changed = services.update_project(
            project_id=project.pk,
            changed_by=caller(request),
            **form.settings(project.client_settings),
            **config_decision(request),
        )
        shown = document(project_for(caller(request), project.pk, Action.VIEW_PROJECT))
        return Response(shown | relabeling_document(changed))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project_id: str) -> Response:
        """Delete the project with all in it: it is gone for everybody at once, its rows go in the background."""
        project = project_for(caller(request), int(project_id), Action.DELETE_PROJECT)
        deletion.request_deletion(project=project, requested_by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
