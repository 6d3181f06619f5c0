"""Predictions by ML backends over REST: runs, versions of models, and one task when it is opened."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.completions.own_tasks import readable_task
from apps.core.errors import NotFound, ValidationFailed
from apps.core.pagination import PageNumberPagination
from apps.data_manager.queries import shown_predictions
from apps.ml.models import MAX_BATCH_SIZE, MLBackend, PredictionRun
from apps.ml.predicting.choosing import MAX_IDS, Chosen, Which, of_ids
from apps.ml.predicting.comparing import compare_versions
from apps.ml.predicting.documents import (
    comparison_document,
    failure_document,
    run_document,
    version_document,
)
from apps.ml.predicting.opening import predict_opened
from apps.ml.predicting.runs import cancel_run, resume_run, retry_failed, runs_of, start_run
from apps.ml.predicting.versions import counts_of_versions, delete_version, list_versions
from apps.ml.queries import backend_for
from apps.predictions.serializers import prediction_document
from apps.projects.policy import Action, require
from apps.projects.queries import project_for, role_in
from apps.tasks.models import Task

_CHOICES = (Which.ALL.value, Which.WITHOUT_VERSION.value, Which.UNLABELED.value)


class RunRequestSerializer(serializers.Serializer[Any]):
    """Which tasks are to be predicted."""

    tasks = serializers.ChoiceField(choices=_CHOICES, required=False, default=Which.ALL.value)
    task_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False, allow_empty=False,
        max_length=MAX_IDS, help_text="These tasks alone, in place of `tasks`.",
    )  # fmt: skip
    batch_size = serializers.IntegerField(
        min_value=1,
        max_value=MAX_BATCH_SIZE,
        required=False,
        help_text="Tasks in one request to the backend.",
    )

    def chosen(self, backend: MLBackend) -> Chosen:
        """Return the tasks that are meant.

        Raises:
            ValidationFailed: one of them is not of the backend's project.
        """
        if task_ids := self.validated_data.get("task_ids"):
            own = set(
                Task.objects.filter(project_id=backend.project_id, pk__in=task_ids).values_list(
                    "pk", flat=True
                )
            )
            if missing := sorted(set(task_ids) - own):
                message = f"Task {missing[0]} is not one of the project of ML backend {backend.pk}."
                raise ValidationFailed(message, fields={"task_ids": [message]})
            return of_ids(task_ids)
        which = Which(self.validated_data["tasks"])
        return Chosen(which, version=backend.model_version if which is Which.WITHOUT_VERSION else "")


class PredictView(APIView):
    """Asks a backend for predictions of many tasks."""

    @extend_schema(
        request=RunRequestSerializer, parameters=[OpenApiParameter("batch_size", int)], responses={201: dict}
    )
    def post(self, request: Request, backend_id: str) -> Response:
        """Start a run and return it; of a run of the same tasks that is under way, that one is returned."""
        backend = backend_for(caller(request), int(backend_id), Action.CHANGE_PREDICTIONS)
        if not isinstance(request.data, dict):
            raise ValidationFailed('Send an object such as {"tasks": "all"} or {"task_ids": [1, 2]}.')
        form = RunRequestSerializer(data={**request.query_params.dict(), **request.data})
        form.is_valid(raise_exception=True)
        run = start_run(
            backend=backend, chosen=form.chosen(backend), created_by=caller(request),
            batch_size=form.validated_data.get("batch_size"),
        )  # fmt: skip
        return Response(run_document(run), status=status.HTTP_201_CREATED)


class RunsView(APIView):
    """Runs of a backend."""

    @extend_schema(responses={200: list[dict[str, Any]]})
    def get(self, request: Request, backend_id: str) -> Response:
        """List the latest ones, the newest first."""
        backend = backend_for(caller(request), int(backend_id), Action.VIEW_MODELS)
        return Response([run_document(run) for run in runs_of([backend.pk])])


def _run(request: Request, run_id: str, action: Action = Action.CHANGE_PREDICTIONS) -> PredictionRun:
    rows = PredictionRun.objects.for_user(caller(request)).select_related("job", "backend", "project")
    run: PredictionRun | None = rows.filter(pk=int(run_id)).first()
    if run is None:
        raise NotFound(f"There is no prediction run {run_id}, or you may not see it.")
    require(role_in(caller(request), run.project_id), action)
    return run


class RunView(APIView):
    """One run."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, run_id: str) -> Response:
        """Return it; ask again while `status` is queued or running."""
        return Response(run_document(_run(request, run_id, Action.VIEW_MODELS)))


class RunFailuresView(APIView):
    """The tasks for which a run got no prediction."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, run_id: str) -> Response:
        """List them page by page, each with what was wrong."""
        failures = _run(request, run_id, Action.VIEW_MODELS).failures.order_by("task_id")
        pages = PageNumberPagination()
        page = pages.paginate_queryset(failures, request, view=self) or []
        return pages.get_paginated_response([failure_document(failure) for failure in page])


class CancelRunView(APIView):
    """Stops a run."""

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, run_id: str) -> Response:
        """Stop it at its next step; what it has stored stays."""
        run = _run(request, run_id)
        cancel_run(run=run, cancelled_by=caller(request))
        return Response(run_document(_run(request, run_id)))


class ResumeRunView(APIView):
    """Goes on with a run that failed or was cancelled."""

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, run_id: str) -> Response:
        """Go on behind the last task that it dealt with."""
        run = _run(request, run_id)
        resume_run(run=run, resumed_by=caller(request))
        return Response(run_document(_run(request, run_id)))


class RetryFailedView(APIView):
    """Asks again for what failed."""

    @extend_schema(request=None, responses={201: dict})
    def post(self, request: Request, run_id: str) -> Response:
        """Start a run of those tasks alone for which this one got no prediction, and return it."""
        run = retry_failed(run=_run(request, run_id), created_by=caller(request))
        return Response(run_document(run), status=status.HTTP_201_CREATED)


class VersionSerializer(serializers.Serializer[Any]):
    """The name of a version; "" for predictions that came without one."""

    model_version = serializers.CharField(max_length=255, allow_blank=True, trim_whitespace=False)


class ModelVersionsView(APIView):
    """Versions of a project's models."""

    @extend_schema(parameters=[OpenApiParameter("extended", bool)], responses={200: dict})
    def get(self, request: Request, project_id: str) -> Response:
        """Return how many predictions each version has made; `extended` lists what else is known of them."""
        project = project_for(caller(request), int(project_id), Action.VIEW_PROJECT)
        if request.query_params.get("extended", "").lower() in ("1", "true"):
            return Response([version_document(version) for version in list_versions(project)])
        return Response(counts_of_versions(project.pk))

    @extend_schema(request=VersionSerializer, responses={200: dict})
    def delete(self, request: Request, project_id: str) -> Response:
        """Delete a version's predictions: at once when they are few, else by the job that is returned."""
        project = project_for(caller(request), int(project_id), Action.CHANGE_PREDICTIONS)
        form = VersionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        deleted, job = delete_version(
            project=project, name=form.validated_data["model_version"], deleted_by=caller(request)
        )
        return Response({"deleted_predictions": deleted, "job": job.pk if job else None})


class CompareVersionsView(APIView):
    """Two versions side by side."""

    @extend_schema(
        parameters=[
            OpenApiParameter("one", str, required=True),
            OpenApiParameter("other", str, required=True),
        ],
        responses={200: dict},
    )
    def get(self, request: Request, project_id: str) -> Response:
        """Return, control by control, for how many of the tasks that both predicted they answer the same."""
        project = project_for(caller(request), int(project_id), Action.VIEW_MODELS)
        one, other = request.query_params.get("one"), request.query_params.get("other")
        if one is None or other is None or "\x00" in one + other:
            raise ValidationFailed("Say which versions to compare: ?one=NAME&other=NAME.")
        return Response(comparison_document(one, other, compare_versions(project.pk, one, other)))


class OpenedTaskView(APIView):
    """A task that somebody has opened to label it."""

    @extend_schema(request=None, responses={200: list[dict[str, Any]]})
    def post(self, request: Request, task_id: str) -> Response:
        """Ask the backends that predict opened tasks, and return the predictions that annotators see.

        Waits a few seconds at most (each backend's `open_seconds`); without an answer the list is what it was.
        """
        task = readable_task(caller(request), int(task_id))
        require(role_in(caller(request), task.project_id), Action.LABEL)
        if task.project.show_predictions:
            predict_opened(task)
            task.refresh_from_db(fields=["predictions_count"])
        return Response([prediction_document(row) for row in shown_predictions(task, task.project)])
