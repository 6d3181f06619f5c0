"""Model quality over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core.errors import ValidationFailed
from apps.jobs.serializers import JobSerializer
from apps.ml.models import QualityReport
from apps.ml.quality.queries import newest_reports, report_for
from apps.ml.quality.services import request_quality
from apps.projects.policy import Action
from apps.projects.queries import project_for


class QualityRequestSerializer(serializers.Serializer[Any]):
    """Which versions are to be measured, and against what."""

    model_version = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=255,
        help_text="One version; the project's newest twenty when left out.",
    )
    ground_truth_only = serializers.BooleanField(
        default=False, help_text="Compare with ground truth alone, not with each task's newest completion."
    )


class ModelQualityView(APIView):
    """How well versions of models agree with people."""

    @extend_schema(
        parameters=[
            OpenApiParameter("ground_truth_only", bool, description="Those against ground truth alone.")
        ],
        responses={200: list[dict[str, Any]]},
    )
    def get(self, request: Request, project_id: str) -> Response:
        """List the newest report of each version, the newest first; each report's own address has its worst tasks."""
        project = project_for(caller(request), int(project_id), Action.VIEW_MODELS)
        only = _is_true(request, "ground_truth_only")
        return Response([_document(report) for report in newest_reports(project.pk, ground_truth_only=only)])

    @extend_schema(request=QualityRequestSerializer, responses={202: JobSerializer})
    def post(self, request: Request, project_id: str) -> Response:
        """Have versions measured; the answer is the job that does it."""
        user = caller(request)
        project = project_for(user, int(project_id), Action.CHANGE_MODELS)
        form = QualityRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        version = form.validated_data.get("model_version")
        job = request_quality(
            project=project,
            created_by=user,
            model_versions=None if version is None else [version],
            ground_truth_only=form.validated_data["ground_truth_only"],
        )
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


class QualityReportView(APIView):
    """One report."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project_id: str, report_id: str) -> Response:
        """Return it with its worst tasks, which agree least."""
        user = caller(request)
        project = project_for(user, int(project_id), Action.VIEW_MODELS)
        report = report_for(user, project.pk, int(report_id))
        return Response({**_document(report), "worst_tasks": report.worst_tasks})


def _is_true(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "false").lower()
    if value not in ("true", "false", "1", "0"):
        message = f"{name} must be true or false."
        raise ValidationFailed(message, fields={name: [message]})
    return value in ("true", "1")


def _document(report: QualityReport) -> dict[str, Any]:
    return {
        "id": report.pk,
        "project": report.project_id,
        "model_version": report.model_version,
        "ground_truth_only": report.ground_truth_only,
        "tasks": report.tasks,
        "created_at": report.created_at,
        **report.metrics,
    }
