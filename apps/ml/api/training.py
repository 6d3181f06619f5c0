"""Trainings over REST: start one, list them, read the log of one."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core.errors import NotFound
from apps.core.pagination import PageNumberPagination
from apps.ml.models import Training
from apps.ml.queries import backend_for
from apps.ml.training.starting import start_training
from apps.projects.policy import Action


class TrainingRequestSerializer(serializers.Serializer[Any]):
    """What the model is to learn from."""

    use_ground_truth = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Ground truth alone; else as the backend's setting says.",
    )


class TrainView(APIView):
    """Starts trainings of a backend's model."""

    @extend_schema(request=TrainingRequestSerializer, responses={200: dict})
    def post(self, request: Request, backend_id: str) -> Response:
        """Have the model trained; the answer is the training, which goes on behind it. 409 while one is under way."""
        user = caller(request)
        backend = backend_for(user, int(backend_id), Action.CHANGE_MODELS)
        form = TrainingRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        training = start_training(
            backend=backend, created_by=user, ground_truth_only=form.validated_data["use_ground_truth"]
        )
        return Response(training_document(training))


class TrainingsView(APIView):
    """The trainings of a backend."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, backend_id: str) -> Response:
        """List a page of them, the newest first, without their logs."""
        backend = backend_for(caller(request), int(backend_id), Action.VIEW_MODELS)
        pages = PageNumberPagination()
        trainings = Training.objects.filter(backend=backend).defer("log").order_by("-pk")
        page = pages.paginate_queryset(trainings, request, view=self) or []
        return pages.get_paginated_response([training_document(training) for training in page])


class TrainingView(APIView):
    """One training."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, backend_id: str, training_id: str) -> Response:
        """Return it with what the backend told of it."""
        backend = backend_for(caller(request), int(backend_id), Action.VIEW_MODELS)
        training = Training.objects.filter(backend=backend, pk=int(training_id)).first()
        if training is None:
            raise NotFound(f"This ML backend has no training {training_id}.")
        return Response({**training_document(training), "log": training.log})


def training_document(training: Training) -> dict[str, Any]:
    """Return a training as the API shows it, without its log."""
    return {
        "id": training.pk,
        "ml_backend": training.backend_id,
        "project": training.project_id,
        "job": training.job_id,
        "trigger": training.trigger,
        "status": training.status,
        "completions": training.completions,
        "remote_job": training.remote_job,
        "version_before": training.version_before,
        "version_after": training.version_after,
        "error": training.error,
        "created_by": training.created_by_id,
        "created_at": training.created_at,
        "started_at": training.started_at,
        "finished_at": training.finished_at,
    }
