"""Actions on many tasks over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core.errors import NotFound, ValidationFailed
from apps.data_manager.actions import ACTIONS, TaskAction
from apps.data_manager.parameters import id_in, project_in
from apps.data_manager.running_actions import ActionOutcome, ActionRequest, start_action
from apps.data_manager.tabs import view_for
from apps.projects.models import Project
from apps.projects.policy import Action, allows

PROJECT = OpenApiParameter("project", int, required=True)


def action_document(action: TaskAction) -> dict[str, Any]:
    """Return the ACTION object of the API."""
    return {
        "id": action.id,
        "title": action.title,
        "order": action.order,
        "permission": action.right.name.lower(),
        "experimental": False,
        "hidden": False,
        "dialog": {"title": action.title, "text": action.question, "type": "confirm"},
    }


def outcome_document(outcome: ActionOutcome) -> dict[str, Any]:
    """Return what came of an action: counts, and the job when one does it."""
    if outcome.job is None:
        detail = f"{outcome.processed:,} {outcome.action.done}"
    else:
        detail = f"{outcome.action.title}: {outcome.selected:,} tasks are worked on in the background."
    return {
        "processed_items": outcome.processed,
        "selected_items": outcome.selected,
        "job": outcome.job.pk if outcome.job else None,
        "detail": detail,
    }


class ActionsView(APIView):
    """What the caller can do to many tasks of a project at once."""

    @extend_schema(parameters=[PROJECT], responses={200: dict})
    def get(self, request: Request) -> Response:
        """List what their role allows."""
        project = project_in(request, Action.VIEW_PROJECT)
        allowed = [action for action in ACTIONS if allows(project.my_role, action.right)]
        return Response(
            [action_document(action) for action in sorted(allowed, key=lambda action: action.order)]
        )

    @extend_schema(
        parameters=[PROJECT, OpenApiParameter("id", str, required=True), OpenApiParameter("view", int)],
        request=dict,
        responses={200: dict, 202: dict},
    )
    def post(self, request: Request) -> Response:
        """Run the action `id` on `selectedItems` that pass `filters`; 202 with a job when there are many."""
        project = project_in(request, Action.VIEW_PROJECT)
        body = request.data
        if not isinstance(body, dict) or body.get("selectedItems") is None:
            message = 'Say which tasks: {"selectedItems": {"all": true, "excluded": []}}.'
            raise ValidationFailed(message, fields={"selectedItems": [message]})
        wanted = ActionRequest(
            action=request.query_params.get("id", ""),
            document={"filters": body.get("filters"), "selectedItems": body["selectedItems"]},
            tab=self._tab(request, project),
            options={"overlap": body["overlap"]} if "overlap" in body else {},
        )
        outcome = start_action(project=project, actor=caller(request), request=wanted)
        code = status.HTTP_200_OK if outcome.job is None else status.HTTP_202_ACCEPTED
        return Response(outcome_document(outcome), status=code)

    def _tab(self, request: Request, project: Project) -> dict[str, Any]:
        given = request.query_params.get("view") or request.query_params.get("tabID")
        if not given:
            return {}
        view = view_for(caller(request), id_in(given) or 0)
        if view.project_id != project.pk:
            raise NotFound(f"There is no tab {view.pk} in this project.")
        data: dict[str, Any] = view.data
        return data
