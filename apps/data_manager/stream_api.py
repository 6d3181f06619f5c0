"""The label stream over REST: the next task, also in the answer to a submit."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.authentication import ReadWithToken, found_with_token
from apps.accounts.requests import caller
from apps.completions.api import TaskCompletionsView
from apps.completions.inserting import FirstAnswer
from apps.completions.serializers import NewCompletionSerializer, completion_document
from apps.core.errors import ValidationFailed
from apps.core.ids import id_in
from apps.data_manager.parameters import listed_query
from apps.data_manager.queries import NextAlong, next_or_why_not, next_task
from apps.data_manager.task_query import TaskQuery
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.queries import project_for, visible_project

_BESIDES = OpenApiParameter(
    "besides", int, description="The task in hand: reserve one more, to show it at once."
)
_QUERY = OpenApiParameter(
    "query",
    str,
    description="JSON: {filters, ordering, selectedItems}: only these tasks, in their order.",
)
_SAID = {"1": True, "true": True, "0": False, "false": False}


class NextTaskView(APIView):
    """The label stream."""

    read_with_token: ClassVar = {"GET": ReadWithToken("project", visible_project, project_id="project")}

    @extend_schema(parameters=[_BESIDES, _QUERY], responses={200: dict, 404: dict})
    def get(self, request: Request, project_id: str) -> Response:
        """Reserve the caller's next task and return it; 404 says why there is none."""
        found = found_with_token(request)
        project = project_for(caller(request), int(project_id), Action.LABEL, found=found)
        chosen = _chosen(request, project)
        return Response(next_task(project, caller(request), besides=_in_hand(request), chosen=chosen))


class SubmittingView(TaskCompletionsView):
    """The completions of one task; a submit may bring the next task along."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "with_next",
                bool,
                description="Answer with `next`: the task reserved now, or why there is none.",
            ),
            _BESIDES,
            _QUERY,
        ],
        request=NewCompletionSerializer,
        responses={201: dict, 200: dict},
    )
    def post(self, request: Request, task_id: str) -> Response:
        """Submit (or, with `was_cancelled`, skip) as the caller; the same `unique_id` twice stores one.

        The completion is stored whatever becomes of the next task.
        """
        is_followed, besides = _with_next(request), _in_hand(request)
        along = NextAlong(caller(request), besides)
        comes_along = is_followed and "query" not in request.query_params
        store = along.store if comes_along else FirstAnswer.store
        completion, created = self.submit(request, int(task_id), store_first=store)
        document = completion_document(completion)
        if is_followed:
            project = completion.task.project
            document["next"] = next_or_why_not(
                project,
                caller(request),
                besides=besides,
                choose=lambda: _chosen(request, project),
                reserved=along.reserved,
            )
        return Response(document, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)


def _with_next(request: Request) -> bool:
    given = request.query_params.get("with_next", "0")
    if given not in _SAID:
        message = f'with_next must be 1 or 0, not "{given[:40]}".'
        raise ValidationFailed(message, fields={"with_next": [message]})
    return _SAID[given]


def _chosen(request: Request, project: Project) -> TaskQuery | None:
    """Return which tasks are asked for: what the queue hands out was nobody's own before."""
    if "query" not in request.query_params:
        return None
    return replace(listed_query(request, project), only_tasks_of=None)


def _in_hand(request: Request) -> int | None:
    given = request.query_params.get("besides")
    besides = id_in(given)
    if given is not None and besides is None:
        message = f'besides must be the id of a task, not "{given[:40]}".'
        raise ValidationFailed(message, fields={"besides": [message]})
    return besides
