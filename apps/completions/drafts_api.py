"""Drafts over REST: everybody sees and changes only their own."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.completions import drafts
from apps.completions.draft_documents import ChangedDraftSerializer, DraftSerializer, draft_document
from apps.completions.queries import changeable_completion, draft_for, drafts_of
from apps.core.echoed_ids import require_echoed_ids
from apps.projects.policy import Action, require
from apps.projects.queries import role_in
from apps.tasks.queries import project_and_role_at, task_for


class TaskDraftsView(APIView):
    """The caller's drafts of a task: of a new completion, and of changes to existing ones."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, task_id: str) -> Response:
        """List them."""
        task = task_for(caller(request), int(task_id))
        return Response([draft_document(row) for row in drafts_of([task.pk], caller(request))])

    @extend_schema(request=DraftSerializer, responses={201: dict, 200: dict, 410: dict})
    def post(self, request: Request, task_id: str) -> Response:
        """Save the work so far over what was saved before; 410 when it was submitted under its `unique_id`."""
        user = caller(request)
        task_pk = int(task_id)
        project_id, role = project_and_role_at(user, task_pk)
        require(role, Action.LABEL)
        require_echoed_ids(request.data, task=task_pk, project=project_id, user=user.pk)
        form = DraftSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        if completion_id := form.validated_data.get("completion_id"):
            changeable_completion(user, completion_id)
        draft, created = drafts.save_draft(task_id=task_pk, user=user, **form.validated_data)
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(draft_document(draft), status=code)


class DraftView(APIView):
    """One draft of the caller's."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, draft_id: str) -> Response:
        """Return it."""
        return Response(draft_document(draft_for(caller(request), int(draft_id))))

    @extend_schema(request=ChangedDraftSerializer, responses={200: dict})
    def patch(self, request: Request, draft_id: str) -> Response:
        """Save the work so far; 404 when it was submitted, so that nothing is left to save."""
        user = caller(request)
        draft = draft_for(user, int(draft_id))
        require(role_in(user, draft.task.project_id), Action.LABEL)
        require_echoed_ids(
            request.data,
            id=draft.pk,
            task=draft.task_id,
            project=draft.task.project_id,
            user=user.pk,
            annotation=draft.completion_id,
        )
        form = ChangedDraftSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        changed = drafts.change_draft(draft_id=draft.pk, user=user, **form.validated_data)
        return Response(draft_document(changed))

    put = patch

    @extend_schema(responses={204: None})
    def delete(self, request: Request, draft_id: str) -> Response:
        """Throw it away."""
        drafts.delete_draft(draft_id=int(draft_id), user=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
