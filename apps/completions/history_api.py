"""The history of completions over REST: every version, restoring one, and completions made of others."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.accounts.serializers import person_document
from apps.completions import restoring
from apps.completions.conflicts import telling_both_sides
from apps.completions.draft_documents import draft_document
from apps.completions.history import (
    History,
    changes_in,
    deleted_completions,
    earlier_versions,
    history_for,
    version_of,
)
from apps.completions.models import Completion, Revision
from apps.completions.queries import changeable_completion, completion_for, require_changing
from apps.completions.serializers import DuplicateSerializer, VersionSerializer, completion_document
from apps.core.pagination import PageNumberPagination
from apps.projects.policy import Action, require
from apps.projects.queries import role_in
from apps.tasks.queries import task_for


def _version_document(version: Revision | Completion) -> dict[str, Any]:
    """Return who made a version, when and how, and the state it left; without the result."""
    if present := isinstance(version, Completion):
        action, person, moment = version.last_action, version.updated_by, version.updated_at
    else:
        action, person, moment = version.action, version.changed_by, version.changed_at
    return {
        "version": version.version,
        "action": action or None,
        "changed_by": person_document(person),
        "changed_at": moment,
        "completed_by": version.completed_by_id,
        "was_cancelled": version.was_cancelled,
        "ground_truth": version.ground_truth,
        "lead_time": version.lead_time,
        "config_version": version.config_version,
        "is_present": present,
    }


def _counted_document(version: Any) -> dict[str, Any]:
    return _version_document(version) | {"result_count": version.result_count}


class CompletionHistoryView(APIView):
    """The versions of a completion, also of one that was deleted."""

    @extend_schema(
        parameters=[OpenApiParameter("page", int), OpenApiParameter("page_size", int)], responses={200: dict}
    )
    def get(self, request: Request, completion_id: str) -> Response:
        """List them, newest first, without their results; the present one stands first on the first page."""
        history = history_for(caller(request), int(completion_id))
        pages = PageNumberPagination()
        rows = pages.paginate_queryset(earlier_versions(history), request)
        answer = pages.get_paginated_response([_counted_document(row) for row in rows or []])
        present = history.completion
        answer.data["present"] = _counted_document(present) if present else None
        return answer


class CompletionVersionView(APIView):
    """One version of a completion."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, completion_id: str, number: str) -> Response:
        """Return it with its result, and what it changed in the version before."""
        history = history_for(caller(request), int(completion_id))
        return Response(_full_document(history, version_of(history, int(number))))


def _full_document(history: History, version: Revision | Completion) -> dict[str, Any]:
    compared = changes_in(history, version)
    return _version_document(version) | {
        "result": version.result,
        "result_count": len(version.result),
        "warnings": version.warnings,
        "compared_with": compared[0] if compared else None,
        "changes": compared[1].document() if compared else None,
    }


class RestoreVersionView(APIView):
    """Makes an earlier version of a completion the present one."""

    @extend_schema(request=VersionSerializer, responses={200: dict, 409: dict})
    def post(self, request: Request, completion_id: str, number: str) -> Response:
        """Restore it, or a completion that was deleted; `version` is the present one as you saw it."""
        user = caller(request)
        history = history_for(user, int(completion_id))
        require_changing(user, history.project_id, history.completed_by_id)
        form = VersionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        with telling_both_sides({}):
            restored = restoring.restore_version(
                completion_id=history.completion_id,
                number=int(number),
                restored_by=user,
                **form.validated_data,
            )
        return Response(completion_document(restored))


class DeletedCompletionsView(APIView):
    """What was deleted of a task's completions."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, task_id: str) -> Response:
        """List it, newest first: who deleted what, and the version to restore."""
        task = task_for(caller(request), int(task_id))
        return Response(
            [
                _version_document(row) | {"id": row.completion_id, "last_version": row.version - 1}
                for row in deleted_completions(task.pk, caller(request))
            ]
        )


class DuplicateView(APIView):
    """A copy of a completion."""

    @extend_schema(request=DuplicateSerializer, responses={201: dict, 200: dict})
    def post(self, request: Request, completion_id: str) -> Response:
        """Store it as a new completion by the caller; the same `unique_id` twice stores one."""
        user = caller(request)
        original = completion_for(user, int(completion_id))
        require(role_in(user, original.project_id), Action.LABEL)
        form = DuplicateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        copy, created = restoring.duplicate_completion(
            completion_id=original.pk, duplicated_by=user, **form.validated_data
        )
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(completion_document(copy), status=code)


class TakeBackSkipView(APIView):
    """A skip that its person takes back."""

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, completion_id: str) -> Response:
        """Make a draft of it: the task is open to the person again. The draft of somebody else is not shown."""
        skip = changeable_completion(caller(request), int(completion_id))
        draft = restoring.take_back_skip(completion_id=skip.pk, taken_back_by=caller(request))
        mine = draft is not None and draft.user_id == caller(request).pk
        return Response({"task": skip.task_id, "draft": draft_document(draft) if draft and mine else None})
