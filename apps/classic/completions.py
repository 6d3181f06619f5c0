"""Completions under the addresses of the Flask era, where each is reached through its task."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.classic.views import WHICH_PROJECT, chosen_project
from apps.completions.api import CompletionView
from apps.completions.models import Completion
from apps.completions.queries import completion_for
from apps.completions.serializers import CompletionSerializer
from apps.core.errors import NotFound, ValidationFailed
from apps.projects.policy import Action

WAS_CANCELLED = OpenApiParameter(
    "was_cancelled", str, description="Anything but 0 and false makes it a skip."
)


class CompletionOfTaskView(CompletionView):
    """One completion of a task."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check who calls, and that the completion is of the task in the address."""
        super().initial(request, *args, **kwargs)
        # `dispatch` hands this very dictionary on to the method that answers.
        task_id = int(self.kwargs.pop("task_id"))
        completion = completion_for(caller(request), int(self.kwargs["completion_id"]))
        if completion.task_id != task_id:
            raise NotFound(f"Task {task_id} has no completion {completion.pk}.")

    @extend_schema(parameters=[WAS_CANCELLED], request=CompletionSerializer, responses={201: dict})
    def patch(self, request: Request, completion_id: str) -> Response:
        """Change the given fields; `honeypot` is the older name of `ground_truth`."""
        _modernize(request)
        changed = super().patch(request, completion_id)
        return Response({"detail": "created", **changed.data}, status=status.HTTP_201_CREATED)

    put = post = patch


def _modernize(request: Request) -> None:
    """Bring what a Flask-era client sends beside the result under today's names.

    Raises:
        ValidationFailed: it is sent as a form, whose fields cannot be renamed.
    """
    body = request.data
    asked = request.query_params.get("was_cancelled")
    if isinstance(body, QueryDict):
        if asked or "honeypot" in body:
            raise ValidationFailed("Send the completion as JSON, with the content type application/json.")
    elif isinstance(body, dict):
        if "honeypot" in body:
            body.setdefault("ground_truth", body.pop("honeypot"))
        if asked:
            body.setdefault("was_cancelled", asked.lower() not in ("0", "false"))


class CompletedTasksView(APIView):
    """Which tasks of the current project have completions."""

    @extend_schema(parameters=[WHICH_PROJECT], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Return the ids of the tasks that have completions the caller may see, in order."""
        project = chosen_project(request, Action.VIEW_PROJECT)
        visible = Completion.objects.for_user(caller(request)).filter(project=project)
        ids = visible.order_by("task_id").values_list("task_id", flat=True).distinct()
        return Response({"ids": list(ids)})
