"""Labeling configs over REST: checking one, its earlier versions, and tasks and files made up for it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.accounts.serializers import person_document
from apps.core.errors import ValidationFailed
from apps.core.negotiation import AnyAccepted
from apps.labeling.samples import FORMATS, import_example, sample_task
from apps.labeling.validation import inspect
from apps.projects import services
from apps.projects.config_changes import model_of
from apps.projects.config_changing import OnImpact, check_label_config, stored_text
from apps.projects.config_impact import impact_of
from apps.projects.config_versions import config_diff, version_for, versions_of
from apps.projects.models import ConfigVersion, Project
from apps.projects.policy import Action
from apps.projects.queries import project_for
from apps.projects.renames import read_renames

CONTENT_TYPES = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "txt": "text/plain",
}


def config_decision(request: Request) -> dict[str, Any]:
    """Return what a request says of answers that a new config would break, as `update_project` takes it.

    `on_config_impact` may stand in the query or in the body; `renames` and `config_note` stand in the body.

    Raises:
        ValidationFailed: one of them is of another shape.
    """
    body = request.data if isinstance(request.data, dict) else {}
    given = request.query_params.get("on_config_impact") or body.get("on_config_impact") or OnImpact.REFUSE
    note = body.get("config_note") or ""
    for name, value in {"on_config_impact": given, "config_note": note}.items():
        if not isinstance(value, str):
            raise ValidationFailed(f"{name} must be a text.", fields={name: ["It must be a text."]})
    return {"on_impact": given, "renames": read_renames(body.get("renames")), "config_note": note}


def relabeling_document(project: Project) -> dict[str, Any]:
    """Return the id of the job that renames labels in completions, where a change of `project` started one."""
    return {"relabeling_job": project.relabeling_job.pk if project.relabeling_job else None}


def _sent_config(request: Request) -> str:
    config = request.data.get("label_config") if isinstance(request.data, dict) else None
    if not isinstance(config, str):
        raise ValidationFailed("Send the config as label_config.", fields={"label_config": ["Required."]})
    config = stored_text(config)
    # A project may be without a config, but whoever asks about one means one: blank is told as the problem it is.
    check_label_config(config or " ")
    return config


class ValidateConfigView(APIView):
    """Checks a labeling config without saving it."""

    @extend_schema(request=dict, responses={200: dict, 204: None})
    def post(self, request: Request, project_id: str | None = None) -> Response:
        """Say what is wrong with `label_config`: 400 with every problem, its line and column.

        Of a project, 200 says what saving it would break (once `renames` are applied); without one, it is 204.
        """
        project = None
        if project_id is not None:
            project = project_for(caller(request), int(project_id), Action.CHANGE_PROJECT)
        config = _sent_config(request)
        if project is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        impact = impact_of(project, config, config_decision(request)["renames"])
        warnings = [
            {"message": warning.message, "line": warning.line, "column": warning.column}
            for warning in inspect(config).warnings
        ]
        return Response(
            {
                "config_essential_data_has_changed": impact.changes_essentials,
                "impact": impact.document(),
                "warnings": warnings,
            }
        )


def _version_document(version: ConfigVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "note": version.note,
        "renames": version.renames,
        "created_by": person_document(version.created_by) if version.created_by else None,
        "created_at": version.created_at,
    }


class ConfigVersionsView(APIView):
    """The versions of a project's labeling config."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project_id: str) -> Response:
        """List them, newest first, without their text."""
        project = project_for(caller(request), int(project_id), Action.VIEW_PROJECT)
        return Response([_version_document(version) for version in versions_of(project, caller(request))])


class ConfigVersionView(APIView):
    """One version of a project's labeling config."""

    @extend_schema(parameters=[OpenApiParameter("from", int)], responses={200: dict})
    def get(self, request: Request, project_id: str, number: str) -> Response:
        """Return it with its text, and what changed since the version `from` (else the one before)."""
        project = project_for(caller(request), int(project_id), Action.VIEW_PROJECT)
        version = version_for(caller(request), project.pk, int(number))
        since = request.query_params.get("from", "")
        if since and not (since.isascii() and since.isdigit() and len(since) <= 9):
            raise ValidationFailed(
                "from is the number of a version.", fields={"from": ["It must be a number."]}
            )
        earlier = int(since) if since else version.number - 1
        before = version_for(caller(request), project.pk, earlier) if earlier else None
        return Response(
            _version_document(version)
            | {
                "label_config": version.label_config,
                "compared_with": before.number if before else None,
                "diff": config_diff(before, version) if before else "",
            }
        )


class RestoreConfigVersionView(APIView):
    """Makes an earlier labeling config the present one."""

    @extend_schema(
        parameters=[OpenApiParameter("on_config_impact", str, enum=OnImpact.values)],
        request=dict,
        responses={200: dict},
    )
    def post(self, request: Request, project_id: str, number: str) -> Response:
        """Save the version's text as a new version; `on_config_impact` and `renames` as in a change of the project."""
        project = project_for(caller(request), int(project_id), Action.CHANGE_PROJECT)
        decision = config_decision(request)
        restored = services.restore_config_version(
            project_id=project.pk,
            number=int(number),
            restored_by=caller(request),
            on_impact=decision["on_impact"],
            renames=decision["renames"],
        )
        version = version_for(caller(request), project.pk, restored.config_version)
        return Response(
            _version_document(version)
            | {"label_config": version.label_config}
            | relabeling_document(restored)
        )


class SampleTaskView(APIView):
    """A task made up for a project's labeling config."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project_id: str) -> Response:
        """Return data that the config can show; its files are served by this server."""
        project = project_for(caller(request), int(project_id), Action.VIEW_PROJECT)
        return Response({"sample_task": sample_task(model_of(project.label_config))})


class SampleTaskOfConfigView(APIView):
    """A task made up for any labeling config."""

    @extend_schema(request=dict, responses={200: dict})
    def post(self, request: Request) -> Response:
        """Return data that `label_config` can show; 400 with every problem of the config."""
        return Response({"sample_task": sample_task(model_of(_sent_config(request)))})


class ImportExampleView(APIView):
    """A file that can be imported into a project."""

    content_negotiation_class = AnyAccepted

    @extend_schema(
        parameters=[OpenApiParameter("format", str, enum=FORMATS)],
        responses={(200, "application/octet-stream"): bytes},
    )
    def get(self, request: Request, project_id: str) -> HttpResponse:
        """Return it in the format asked for, `json` if none."""
        project = project_for(caller(request), int(project_id), Action.VIEW_PROJECT)
        wanted = request.query_params.get("format", "json").lower()
        try:
            example = import_example(model_of(project.label_config), wanted)
        except ValueError as error:
            raise ValidationFailed(str(error), fields={"format": [str(error)]}) from error
        response = HttpResponse(example, content_type=f"{CONTENT_TYPES[wanted]}; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="project-{project.pk}-example.{wanted}"'
        return response
