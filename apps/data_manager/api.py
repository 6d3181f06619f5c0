"""Tasks over REST: pages of them, one of them, and the next one to label."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core import json
from apps.core.echoed_ids import require_echoed_ids
from apps.core.errors import NotFound, ValidationFailed
from apps.data_manager.documents import full_task_documents, task_document
from apps.data_manager.queries import next_task, one_task
from apps.projects.models import Project
from apps.projects.policy import Action, require
from apps.projects.queries import project_for, role_in, totals_of
from apps.tasks import services
from apps.tasks.models import Task
from apps.tasks.next_task import release_lease, renew_lease
from apps.tasks.queries import ORDERINGS, page_of_tasks, task_for

DEFAULT_PAGE_SIZE = 30
MAX_PAGE_SIZE = 1000


class TaskSerializer(serializers.Serializer[Task]):
    """What a client may send of a task."""

    data = serializers.JSONField(required=False)  # type: ignore[assignment]  # a field of that name
    meta = serializers.DictField(required=False)


class NewTaskSerializer(TaskSerializer):
    """What a client sends to create a task."""

    project = serializers.IntegerField(min_value=0, max_value=2**63 - 1)
    data = serializers.JSONField()


def _number(request: Request, name: str, default: int, largest: int) -> int:
    text = request.query_params.get(name)
    if text is None or text == "":
        return default
    if not text.isdecimal() or int(text) < 1:
        raise ValidationFailed(f"{name} must be a number from 1.", fields={name: ["Not a number from 1."]})
    return min(int(text), largest)


def _ordering(request: Request) -> str:
    """Return the one column a page is ordered by, from `ordering` or the data manager's `query`.

    Raises:
        ValidationFailed: `query` asks for filters, or the column cannot be ordered by.
    """
    wanted = request.query_params.get("ordering", "")
    if query := request.query_params.get("query"):
        document = json.loads(query, what="query")
        document = document if isinstance(document, dict) else {}
        filters = document.get("filters")
        if isinstance(filters, dict) and filters.get("items"):
            raise ValidationFailed("Filters are not available yet: ask without `filters` in `query`.")
        wanted = str((document.get("ordering") or [wanted])[0])
    column = wanted.replace("tasks:", "")
    if column and column.removeprefix("-") not in ORDERINGS:
        raise ValidationFailed(
            f"Tasks can be ordered by {', '.join(ORDERINGS)}.", fields={"ordering": [wanted]}
        )
    return column or "id"


def _page(request: Request, project: Project) -> dict[str, Any]:
    totals = totals_of([project.pk])[project.pk]
    page = _number(request, "page", 1, 10**12)
    page_size = _number(request, "page_size", DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    tasks = page_of_tasks(
        project, page=page, page_size=page_size, total=totals.tasks, ordering=_ordering(request)
    )
    if not tasks and page > 1:
        raise NotFound("Invalid page.")
    only_tasks = request.query_params.get("fields") == "task_only"
    return {
        "total": totals.tasks,
        "total_annotations": totals.completions,
        "total_predictions": totals.predictions,
        "tasks": [task_document(task) for task in tasks]
        if only_tasks
        else full_task_documents(tasks, caller(request)),
    }


class TasksView(APIView):
    """The tasks of a project."""

    @extend_schema(
        parameters=[
            OpenApiParameter("project", int, required=True),
            OpenApiParameter("page", int),
            OpenApiParameter("page_size", int),
            OpenApiParameter("ordering", str),
            OpenApiParameter("fields", str, enum=["all", "task_only"]),
        ],
        responses={200: dict},
    )
    def get(self, request: Request) -> Response:
        """Return a page of them; past the end is 404, because clients page until they see one."""
        project_id = request.query_params.get("project", "")
        if not project_id.isdecimal():
            raise NotFound("Say which project's tasks you want: ?project=ID.")
        return Response(_page(request, project_for(caller(request), int(project_id), Action.VIEW_PROJECT)))

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
        """Return it with the completions the caller may see and its predictions."""
        task = task_for(caller(request), int(task_id))
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


class NextTaskView(APIView):
    """The label stream."""

    @extend_schema(responses={200: dict, 404: dict})
    def get(self, request: Request, project_id: str) -> Response:
        """Reserve the caller's next task and return it; 404 says why there is none."""
        project = project_for(caller(request), int(project_id), Action.LABEL)
        return Response(next_task(project, caller(request)))


class LeaseView(APIView):
    """The caller's reservation of a task."""

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, task_id: str) -> Response:
        """Keep it: an open page calls this every few minutes."""
        task = task_for(caller(request), int(task_id))
        expires_at = renew_lease(task_id=task.pk, user=caller(request))
        if expires_at is None:
            raise NotFound("You hold no reservation of this task (any more). Ask for the next task.")
        return Response({"task": task.pk, "expires_at": expires_at})

    @extend_schema(responses={204: None})
    def delete(self, request: Request, task_id: str) -> Response:
        """Give it back, so that others get the task at once."""
        task = task_for(caller(request), int(task_id))
        release_lease(task_id=task.pk, user_id=caller(request).pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
