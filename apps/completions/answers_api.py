"""What the caller answered, over REST: the way back in the label stream."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.completions.queries import answers_of
from apps.completions.serializers import MAX_ID
from apps.projects.policy import Action
from apps.projects.queries import project_for

PAGE_SIZE = 20


class _AskedSerializer(serializers.Serializer[None]):
    before = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)


class MyAnswersView(APIView):
    """The caller's completions and skips in a project."""

    @extend_schema(
        parameters=[OpenApiParameter("before", int, description="A completion of yours: older ones follow.")],
        responses={200: dict},
    )
    def get(self, request: Request, project_id: str) -> Response:
        """List the latest of them, newest first, without their results."""
        user = caller(request)
        project = project_for(user, int(project_id), Action.LABEL)
        form = _AskedSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        found = answers_of(project, user, before=form.validated_data.get("before"), limit=PAGE_SIZE)
        return Response(
            {
                "answers": [
                    {
                        "id": row.pk,
                        "task": row.task_id,
                        "created_at": row.created_at,
                        "was_cancelled": row.was_cancelled,
                    }
                    for row in found
                ]
            }
        )
