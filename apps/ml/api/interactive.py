"""What a model makes of a region that is being drawn, over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.completions.draft_documents import draft_document
from apps.completions.queries import drafts_of
from apps.core.errors import ValidationFailed
from apps.ml.interactive import suggest
from apps.ml.queries import backend_for
from apps.projects.policy import Action
from apps.tasks.queries import task_for


class InteractiveRequestSerializer(serializers.Serializer[Any]):
    """What was drawn, and of which task."""

    task = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    context = serializers.DictField(  # type: ignore[assignment]  # a field of that name
        required=False,
        allow_null=True,
        default=None,
        help_text="The regions just drawn stand under `result`.",
    )


class InteractiveAnnotatingView(APIView):
    """Asks an interactive backend."""

    @extend_schema(request=InteractiveRequestSerializer, responses={200: dict})
    def post(self, request: Request, backend_id: str) -> Response:
        """Return `{data: {model_version, score, result}}`, or `{errors: […]}` when the model gives no answer."""
        user = caller(request)
        backend = backend_for(user, int(backend_id), Action.LABEL)
        form = InteractiveRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        task = task_for(user, form.validated_data["task"])
        if task.project_id != backend.project_id:
            message = f"Task {task.pk} is not one of the project of ML backend {backend.pk}."
            raise ValidationFailed(message, fields={"task": [message]})
        drafts = [draft_document(draft) for draft in drafts_of([task.pk], user)]
        suggestion = suggest(
            backend=backend, task_id=task.pk, context=form.validated_data["context"], drafts=drafts
        )
        return Response(suggestion.document())
