"""Who a task is assigned to, over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.accounts.serializers import person_document
from apps.completions.own_tasks import readable_task
from apps.core.echoed_ids import require_echoed_ids
from apps.core.errors import ValidationFailed
from apps.core.ids import id_in
from apps.projects.policy import Action, require
from apps.projects.queries import role_in
from apps.tasks.assigning import assign_tasks, unassign_tasks
from apps.tasks.models import Assignment, Task
from apps.tasks.queries import task_for

MAX_PEOPLE = 1_000


class AssignmentsSerializer(serializers.Serializer[Any]):
    """What a client sends to assign a task."""

    users = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), min_length=1, max_length=MAX_PEOPLE
    )


def assignment_document(assignment: Assignment) -> dict[str, Any]:
    """Return the ASSIGNMENT object of the API."""
    return {
        "task": assignment.task_id,
        "user": person_document(assignment.user),
        "assigned_by": assignment.assigned_by_id,
        "assigned_at": assignment.assigned_at,
        "is_open": assignment.is_open,
    }


def _documents(request: Request, task: Task) -> list[dict[str, Any]]:
    rows = Assignment.objects.for_user(caller(request)).filter(task=task).select_related("user")
    return [assignment_document(row) for row in rows.order_by("assigned_at", "pk")]


class TaskAssignmentsView(APIView):
    """The people to whom a task is assigned."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, task_id: str) -> Response:
        """List them, in the order in which it was assigned to them."""
        return Response(_documents(request, readable_task(caller(request), int(task_id))))

    @extend_schema(request=AssignmentsSerializer, responses={201: dict})
    def post(self, request: Request, task_id: str) -> Response:
        """Assign the task to `users`, by their ids; whoever has it keeps it. Returns everybody who has it then."""
        task = self._changeable(request, task_id)
        require_echoed_ids(request.data, task=task.pk, project=task.project_id)
        form = AssignmentsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        assign_tasks(
            project=task.project,
            task_ids=[task.pk],
            user_ids=form.validated_data["users"],
            assigned_by=caller(request),
        )
        return Response(_documents(request, task), status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[OpenApiParameter("user", int, description="Only from this person.")],
        responses={204: None},
    )
    def delete(self, request: Request, task_id: str) -> Response:
        """Take the task from `user`, or from everybody; who has it in hand may finish it."""
        task = self._changeable(request, task_id)
        unassign_tasks(
            project=task.project,
            task_ids=[task.pk],
            user_ids=_user_in(request),
            unassigned_by=caller(request),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _changeable(self, request: Request, task_id: str) -> Task:
        task = task_for(caller(request), int(task_id))
        require(role_in(caller(request), task.project_id), Action.CHANGE_TASKS)
        return task


def _user_in(request: Request) -> list[int] | None:
    given = request.query_params.get("user")
    if given is None:
        return None
    user_id = id_in(given)
    if user_id is None:
        message = f'user must be the id of a person, not "{given[:40]}".'
        raise ValidationFailed(message, fields={"user": [message]})
    return [user_id]
