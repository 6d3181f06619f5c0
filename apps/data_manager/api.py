"""Tasks over REST: pages of them, one of them, and the next one to label."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.completions.own_tasks import readable_task
from apps.core.echoed_ids import require_echoed_ids
from apps.core.errors import NotFound
from apps.core.ids import id_in
from apps.core.json import check_storable
from apps.core.json_fields import StorableJSONField
from apps.data_manager import tabs
from apps.data_manager.listed_tasks import ONLY_ID, listed_documents
from apps.data_manager.listing import find_page
from apps.data_manager.models import View
from apps.data_manager.parameters import (
    DEFAULT_PAGE_SIZE,
    MAX_IDS,
    MAX_PAGE_SIZE,
    fields_in,
    listed_query,
    number,
    project_in,
)
from apps.data_manager.queries import one_task
from apps.projects.models import Project
from apps.projects.policy import Action, require
from apps.projects.queries import project_for, role_in
from apps.tasks import services
from apps.tasks.leases import release_lease, renew_lease
from apps.tasks.models import Task
from apps.tasks.queries import task_for


class TaskSerializer(serializers.Serializer[Task]):
    """What a client may send of a task."""

    data = StorableJSONField(required=False)  # type: ignore[assignment]  # a field of that name
    meta = serializers.DictField(required=False)

    def validate_meta(self, meta: dict[str, Any]) -> dict[str, Any]:
        """Let pass what can be stored: a form's fields come from no parser that has looked."""
        check_storable(meta, what="meta")
        return meta


class NewTaskSerializer(TaskSerializer):
    """What a client sends to create a task."""

    project = serializers.IntegerField(min_value=0, max_value=2**63 - 1)
    data = StorableJSONField()


def _page(request: Request, project: Project, tab: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a page of the tasks that the request asks for.

    Raises:
        ValidationFailed: a parameter is wrong.
        NotFound: the page is past the end.
    """
    fields = fields_in(request)
    page = number(request, "page", 1, 10**12)
    page_size = number(
        request, "page_size", DEFAULT_PAGE_SIZE, MAX_IDS if fields == ONLY_ID else MAX_PAGE_SIZE
    )
    found = find_page(listed_query(request, project, tab), page=page, page_size=page_size)
    if not found.ids and page > 1:
        raise NotFound("Invalid page.")
    with_answers = request.query_params.get("fields") != "task_only"
    return {
        "total": found.total,
        "total_is_lower_bound": found.is_lower_bound,
        "total_annotations": found.completions,
        "total_predictions": found.predictions,
        "tasks": listed_documents(found.ids, caller(request), fields=fields, with_answers=with_answers),
    }


class TasksView(APIView):
    """The tasks of a project."""

    @extend_schema(
        parameters=[
            OpenApiParameter("project", int, description="Needed unless a view is named."),
            OpenApiParameter("view", int, description="A saved tab: its filters and its order are taken."),
            OpenApiParameter("page", int),
            OpenApiParameter("page_size", int),
            OpenApiParameter(
                "ordering", str, description="Columns separated by commas, each with a minus or not."
            ),
            OpenApiParameter("query", str, description="JSON: {filters, ordering, selectedItems, include}."),
            OpenApiParameter("only_annotated", bool),
            OpenApiParameter("fields", str, enum=["all", "task_only"]),
            OpenApiParameter(
                "include", str, description="Only these fields, separated by commas; `id` alone is quick."
            ),
        ],
        responses={200: dict},
    )
    def get(self, request: Request) -> Response:
        """Return a page of them; past the end is 404, because clients page until they see one."""
        if (view_id := id_in(request.query_params.get("view"))) is not None:
            return self._tab(request, tabs.view_for(caller(request), view_id))
        return Response(_page(request, project_in(request, Action.VIEW_PROJECT)))

    def _tab(self, request: Request, view: View) -> Response:
        if id_in(request.query_params.get("project")) not in (None, view.project_id):
            raise NotFound(f"There is no tab {view.pk} in this project.")
        return Response(_page(request, tabs.project_of(caller(request), view), view.data))

    @extend_schema(request=NewTaskSerializer, responses={201: dict})
    def post(self, request: Request) -> Response:
        """Add one task."""
        form = NewTaskSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        fields = dict(form.validated_data)
        project = project_for(caller(request), fields.pop("project"), Action.CHANGE_TASKS)
        task = services.create_task(project=project, **fields)
        return Response(one_task(task, caller(request)), status=status.HTTP_201_CREATED)


class TaskView(APIView):
    """One task."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, task_id: str) -> Response:
        """Return it with the completions the caller may see and its predictions; annotators see their own tasks."""
        task = readable_task(caller(request), int(task_id))
        return Response(one_task(task, caller(request)))

    @extend_schema(request=TaskSerializer, responses={200: dict})
    def patch(self, request: Request, task_id: str) -> Response:
        """Replace its data or meta."""
        task = self._changeable(request, task_id)
        require_echoed_ids(request.data, id=task.pk, project=task.project_id)
        form = TaskSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        changed = services.update_task(task_id=task.pk, updated_by=caller(request), **form.validated_data)
        return Response(one_task(changed, caller(request)))

    put = patch

    @extend_schema(responses={204: None})
    def delete(self, request: Request, task_id: str) -> Response:
        """Delete it with its completions and predictions."""
        task = self._changeable(request, task_id)
        services.delete_tasks(project_id=task.project_id, deleted_by=caller(request), task_ids=[task.pk])
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _changeable(self, request: Request, task_id: str) -> Task:
        task = task_for(caller(request), int(task_id))
        require(role_in(caller(request), task.project_id), Action.CHANGE_TASKS)
        return task


class ProjectTasksView(APIView):
    """All tasks of a project at once."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project_id: str) -> Response:
        """Return a page of the plain tasks, as a bare list."""
        project = project_for(caller(request), int(project_id), Action.VIEW_PROJECT)
        return Response(_page(request, project)["tasks"])

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project_id: str) -> Response:
        """Delete every task of the project."""
        project = project_for(caller(request), int(project_id), Action.CHANGE_TASKS)
        services.delete_tasks(project_id=project.pk, deleted_by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class LeaseView(APIView):
    """The caller's reservation of a task."""

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, task_id: str) -> Response:
        """Keep it: an open page calls this every few minutes. 404 says that, and why, the caller has none any more."""
        task = task_for(caller(request), int(task_id))
        expires_at = renew_lease(task_id=task.pk, user=caller(request))
        return Response({"task": task.pk, "expires_at": expires_at})

    @extend_schema(responses={204: None})
    def delete(self, request: Request, task_id: str) -> Response:
        """Give it back, so that others get the task at once."""
        task = task_for(caller(request), int(task_id))
        release_lease(task_id=task.pk, user_id=caller(request).pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
