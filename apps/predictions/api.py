"""Predictions over REST."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.completions.own_tasks import on_readable_tasks
from apps.core.echoed_ids import require_echoed_ids
from apps.core.errors import NotFound, ValidationFailed
from apps.predictions import services
from apps.predictions.models import Prediction
from apps.predictions.serializers import NewPredictionSerializer, PredictionSerializer, prediction_document
from apps.projects.policy import Action, require
from apps.projects.queries import role_in
from apps.tasks.queries import task_for

LIST_LIMIT = 10_000


class PredictionsView(APIView):
    """Predictions of a task or a project."""

    @extend_schema(
        parameters=[OpenApiParameter("task", int), OpenApiParameter("project", int)], responses={200: dict}
    )
    def get(self, request: Request) -> Response:
        """List the first 10,000 of `task` or `project` as a bare list, as clients expect."""
        filters = {}
        for name in ("task", "project"):
            value = request.query_params.get(name)
            if value is not None:
                if not value.isdecimal():
                    raise ValidationFailed(f"{name} must be a number.")
                filters[f"{name}_id"] = int(value)
        if not filters:
            raise ValidationFailed("Say whose predictions you want: ?task=ID or ?project=ID.")
        user = caller(request)
        rows = on_readable_tasks(Prediction.objects.for_user(user).filter(**filters), user)
        return Response([prediction_document(row) for row in rows.order_by("pk")[:LIST_LIMIT]])

    @extend_schema(request=NewPredictionSerializer, responses={201: dict})
    def post(self, request: Request) -> Response:
        """Store a prediction, in place of the same model version's earlier one."""
        form = NewPredictionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        fields = dict(form.validated_data)
        task = task_for(caller(request), fields.pop("task"))
        require(role_in(caller(request), task.project_id), Action.CHANGE_PREDICTIONS)
        require_echoed_ids(request.data, project=task.project_id)
        prediction = services.save_prediction(task_id=task.pk, **fields)
        return Response(prediction_document(prediction), status=status.HTTP_201_CREATED)


class PredictionView(APIView):
    """One prediction."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, prediction_id: str) -> Response:
        """Return it."""
        return Response(prediction_document(self._find(request, prediction_id)))

    @extend_schema(request=PredictionSerializer, responses={200: dict})
    def patch(self, request: Request, prediction_id: str) -> Response:
        """Change the given fields."""
        prediction = self._changeable(request, prediction_id)
        require_echoed_ids(
            request.data, id=prediction.pk, task=prediction.task_id, project=prediction.project_id
        )
        form = PredictionSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        changed = services.update_prediction(prediction=prediction, **form.validated_data)
        return Response(prediction_document(changed))

    put = patch

    @extend_schema(responses={204: None})
    def delete(self, request: Request, prediction_id: str) -> Response:
        """Delete it."""
        services.delete_prediction(prediction=self._changeable(request, prediction_id))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _find(self, request: Request, prediction_id: str) -> Prediction:
        user = caller(request)
        visible = Prediction.objects.for_user(user).filter(pk=int(prediction_id))
        prediction: Prediction | None = on_readable_tasks(visible, user).first()
        if prediction is None:
            raise NotFound(f"There is no prediction {prediction_id}, or you may not see it.")
        return prediction

    def _changeable(self, request: Request, prediction_id: str) -> Prediction:
        prediction = self._find(request, prediction_id)
        require(role_in(caller(request), prediction.project_id), Action.CHANGE_PREDICTIONS)
        return prediction
