"""Actions on many tasks over REST."""

from __future__ import annotations

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core import json
from apps.core.errors import ValidationFailed
from apps.core.negotiation import AnyAccepted
from apps.data_manager.actions import ACTIONS, TaskAction
from apps.data_manager.models import ActionRun
from apps.data_manager.parameters import project_in, tab_in
from apps.data_manager.running_actions import (
    ActionOutcome,
    ActionPreview,
    ActionRequest,
    preview_action,
    start_action,
)
from apps.data_manager.undoing_actions import can_be_undone, run_for, runs_of, start_undo, undo
from apps.exports.services import ExportStream
from apps.projects.models import Project
from apps.projects.policy import Action, allows

PROJECT = OpenApiParameter("project", int, required=True)
ACTION = OpenApiParameter("id", str, required=True, enum=sorted(action.id for action in ACTIONS))
VIEW = OpenApiParameter("view", int, description="A saved tab, whose filters hold too.")


def action_document(action: TaskAction, project: Project | None = None) -> dict[str, Any]:
    """Return the ACTION object of the API.

    Args:
        project: where it is to run: its people and formats are what can be chosen.
    """
    return {
        "id": action.id,
        "title": action.title,
        "order": action.order,
        "permission": action.right.name.lower(),
        "experimental": False,
        "hidden": False,
        "answers": "file" if action.stream else "counts",
        "undoable": action.undo is not None,
        "dialog": {
            "title": action.title,
            "text": action.confirmation,
            "type": "confirm",
            "destructive": action.is_destructive,
            "form": [
                {"columnCount": 1, "fields": [option.document(project) for option in action.options]}
            ] if action.options else [],
        },
    }  # fmt: skip


def outcome_document(outcome: ActionOutcome) -> dict[str, Any]:
    """Return what came of an action: counts, and the job when one does it."""
    run, processed = outcome.run, outcome.run.processed if outcome.run else 0
    if outcome.job is None:
        detail = outcome.action.done_with(processed)
    else:
        detail = f"{outcome.action.title}: {outcome.selected:,} tasks are worked on in the background."
    return {
        "processed_items": processed,
        "selected_items": outcome.selected,
        "left_out": run.left_out if run else 0,
        "reasons": run.reasons if run else [],
        "job": outcome.job.pk if outcome.job else None,
        "run": run.pk if run else None,
        "undoable": bool(run and can_be_undone(run)),
        "detail": detail,
    }


def preview_document(preview: ActionPreview) -> dict[str, Any]:
    """Return what an action would do."""
    tasks = "1 task" if preview.selected == 1 else f"{preview.selected:,} tasks"
    return {
        "selected_items": preview.selected,
        "is_job": preview.is_job,
        "undoable": preview.action.undo is not None,
        "text": f"{tasks} selected. {preview.action.confirmation}",
    }


def run_document(run: ActionRun) -> dict[str, Any]:
    """Return the RUN object of the API."""
    return {
        "id": run.pk,
        "project": run.project_id,
        "action": run.action,
        "options": run.options,
        "user": run.user_id,
        "created_at": run.created_at,
        "finished_at": run.finished_at,
        "selected_items": run.selected,
        "processed_items": run.processed,
        "left_out": run.left_out,
        "reasons": run.reasons,
        "job": run.job_id,
        "undoable": can_be_undone(run),
        "undo_until": run.expires_at,
        "undone_at": run.undone_at,
        "undone_by": run.undone_by_id,
    }


def file_response(file: ExportStream) -> StreamingHttpResponse:
    """Return a file as it is made, for downloading."""
    response = StreamingHttpResponse(file.pieces, content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.filename}"'
    return response


def request_of(request: Request, project: Project) -> ActionRequest:
    """Return what a request asks for.

    Raises:
        ValidationFailed: it does not say which tasks.
        NotFound: there is no such tab in the project.
    """
    body = request.data if isinstance(request.data, dict) else {}
    # A form, by which a page downloads a file, has texts alone.
    parts = {
        name: json.loads(value, what=name) if isinstance(value := body.get(name), str) else value
        for name in ("filters", "selectedItems")
    }
    if parts["selectedItems"] is None:
        message = 'Say which tasks: {"selectedItems": {"all": true, "excluded": []}}.'
        raise ValidationFailed(message, fields={"selectedItems": [message]})
    return ActionRequest(
        action=request.query_params.get("id", ""),
        document=parts,
        tab=tab_in(request, project),
        body={name: body.get(name) for name in body},
    )


class ActionsView(APIView):
    """What the caller can do to many tasks of a project at once."""

    content_negotiation_class = AnyAccepted

    @extend_schema(parameters=[PROJECT], responses={200: list[dict[str, Any]]})
    def get(self, request: Request) -> Response:
        """List what their role allows, each with the form of its options."""
        project = project_in(request, Action.VIEW_PROJECT)
        allowed = [action for action in ACTIONS if allows(project.my_role, action.right)]
        return Response(
            [action_document(action, project) for action in sorted(allowed, key=lambda action: action.order)]
        )

    @extend_schema(
        parameters=[PROJECT, ACTION, VIEW],
        request=dict,
        responses={
            (200, "application/json"): dict,
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            202: dict,
        },
    )
    def post(self, request: Request) -> Response | StreamingHttpResponse:
        """Run the action `id` on `selectedItems` that pass `filters`; 202 with a job when there are many.

        The body holds the action's options too. An action that answers a file does so at once.
        """
        project = project_in(request, Action.VIEW_PROJECT)
        outcome = start_action(project=project, actor=caller(request), request=request_of(request, project))
        if outcome.file is not None:
            return file_response(outcome.file)
        code = status.HTTP_200_OK if outcome.job is None else status.HTTP_202_ACCEPTED
        return Response(outcome_document(outcome), status=code)


class ActionPreviewView(APIView):
    """What an action would do."""

    @extend_schema(parameters=[PROJECT, ACTION, VIEW], request=dict, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Count the tasks that `selectedItems` and `filters` mean, with the question to confirm; nothing is done."""
        project = project_in(request, Action.VIEW_PROJECT)
        preview = preview_action(project=project, actor=caller(request), request=request_of(request, project))
        return Response(preview_document(preview))


class ActionRunsView(APIView):
    """What was done to many tasks at once lately."""

    @extend_schema(parameters=[PROJECT], responses={200: list[dict[str, Any]]})
    def get(self, request: Request) -> Response:
        """List the latest runs: the caller's own, or all for who manages the project."""
        project = project_in(request, Action.VIEW_PROJECT)
        return Response([run_document(run) for run in runs_of(project, caller(request))])


class UndoActionView(APIView):
    """Taking a run back."""

    @extend_schema(request=None, responses={200: dict, 202: dict})
    def post(self, request: Request, run_id: str) -> Response:
        """Undo it: 202 with a job when it dealt with many things. What somebody changed since stays as it is."""
        run = run_for(caller(request), int(run_id))
        job = start_undo(run=run, actor=caller(request))
        if job is not None:
            detail = f"{run.processed:,} changes are taken back in the background."
            return Response(
                {"processed_items": 0, "job": job.pk, "detail": detail}, status=status.HTTP_202_ACCEPTED
            )
        undone = undo(run=run, actor=caller(request))
        return Response({"processed_items": undone, "job": None, "detail": f"{undone:,} changes taken back"})
