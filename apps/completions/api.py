"""Completions over REST, under their own name and under that of today's clients."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.authentication import ReadWithToken, found_with_token
from apps.accounts.models import User
from apps.accounts.requests import caller
from apps.completions import services
from apps.completions.conflicts import telling_both_sides
from apps.completions.inserting import FirstAnswer, StoreFirst
from apps.completions.models import Completion
from apps.completions.parents import require_parents_of
from apps.completions.queries import changeable_completion, completion_for, completions_of
from apps.completions.serializers import (
    ChangeSerializer,
    NewCompletionSerializer,
    VersionSerializer,
    completion_document,
)
from apps.core.echoed_ids import require_echoed_ids
from apps.projects.policy import Action, require
from apps.projects.queries import role_in
from apps.tasks.models import Task
from apps.tasks.queries import task_for, visible_task_to_answer

_NEW_COMPLETION = NewCompletionSerializer()
"""Made once: a serializer copies its fields each time, which takes longer than to validate a submit with them."""


class TaskCompletionsView(APIView):
    """The completions of one task; the label stream's view, above, answers what is submitted."""

    read_with_token: ClassVar = {"POST": ReadWithToken("task", visible_task_to_answer, task_id="task")}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, task_id: str) -> Response:
        """List those the caller may see, oldest first."""
        task = task_for(caller(request), int(task_id))
        return Response([completion_document(row) for row in completions_of(task, caller(request))])

    def submit(
        self, request: Request, task_id: int, *, store_first: StoreFirst = FirstAnswer.store
    ) -> tuple[Completion, bool]:
        """Store what the caller sends, if they may; return the completion, with its task, and whether it is new.

        Args:
            store_first: as for `submit_completion`.
        """
        return services.submit_completion(
            task_id=task_id,
            completed_by=caller(request),
            found=found_with_token(request),
            fields_for=partial(_submitted_fields, request),
            store_first=store_first,
        )


def _submitted_fields(request: Request, task: Task, role: str) -> dict[str, Any]:
    require(role, Action.LABEL)
    require_echoed_ids(request.data, task=task.pk, project=task.project_id, completed_by=caller(request).pk)
    fields: dict[str, Any] = _NEW_COMPLETION.run_validation(request.data)
    _require_ground_truth_right(role, fields, now=False)
    require_parents_of(task.pk, fields)
    return fields


class CompletionView(APIView):
    """One completion."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, completion_id: str) -> Response:
        """Return it."""
        return Response(completion_document(completion_for(caller(request), int(completion_id))))

    @extend_schema(request=ChangeSerializer, responses={200: dict, 409: dict})
    def patch(self, request: Request, completion_id: str) -> Response:
        """Change the given fields; with a `version` that is no longer the present one, 409 with both sides."""
        user: User = caller(request)
        completion = changeable_completion(user, int(completion_id))
        require_echoed_ids(
            request.data,
            id=completion.pk,
            task=completion.task_id,
            project=completion.project_id,
            completed_by=completion.completed_by_id,
        )
        form = ChangeSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        role = role_in(user, completion.project_id)
        _require_ground_truth_right(role, form.validated_data, now=completion.ground_truth)
        require_parents_of(completion.task_id, form.validated_data)
        with telling_both_sides(request.data):
            changed = services.update_completion(
                completion_id=completion.pk, updated_by=user, **form.validated_data
            )
        return Response(completion_document(changed))

    put = patch

    @extend_schema(parameters=[OpenApiParameter("version", int)], responses={204: None, 409: dict})
    def delete(self, request: Request, completion_id: str) -> Response:
        """Delete it; its task may become unlabeled again. Its history stays, and can bring it back."""
        completion = changeable_completion(caller(request), int(completion_id))
        form = VersionSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        with telling_both_sides({}):
            services.delete_completion(
                completion_id=completion.pk, deleted_by=caller(request), **form.validated_data
            )
        return Response(status=status.HTTP_204_NO_CONTENT)


def _require_ground_truth_right(role: str | None, fields: dict[str, Any], *, now: bool) -> None:
    """Let pass what leaves the mark of ground truth as it is `now`, or comes from who may set and take it."""
    if fields.get("ground_truth", now) != now:
        require(role, Action.SET_GROUND_TRUTH)
