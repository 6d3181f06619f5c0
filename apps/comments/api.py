"""Comments over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.accounts.requests import caller
from apps.comments import services
from apps.comments.models import Comment
from apps.comments.queries import comment_for, people_named, require_deleting, require_editing
from apps.comments.serializers import ChangedCommentSerializer, NewCommentSerializer, comment_document
from apps.completions.own_tasks import on_readable_tasks, readable_task
from apps.completions.queries import completion_for
from apps.core.echoed_ids import require_echoed_ids
from apps.core.errors import ValidationFailed
from apps.core.ids import id_in
from apps.core.pagination import PageNumberPagination
from apps.projects.policy import Action, require
from apps.projects.queries import role_in

_FILTERS = {
    "task": "task_id",
    "annotation": "completion_id",
    "completion": "completion_id",
    "project": "project_id",
}


class CommentPagination(PageNumberPagination):
    """Pages of a list that most clients read at once."""

    page_size = 1000


class CommentsView(APIView):
    """Comments of a task, a completion or a project."""

    @extend_schema(
        parameters=[
            *(OpenApiParameter(name, int) for name in (*_FILTERS, "page", "page_size")),
            OpenApiParameter("is_resolved", bool),
            OpenApiParameter("expand_created_by", bool),
        ],
        responses={200: dict},
    )
    def get(self, request: Request) -> Response:
        """List those the caller may see as a bare list, oldest first, up to 1,000 a page."""
        user = caller(request)
        comments = on_readable_tasks(Comment.objects.for_user(user).filter(**_filters(request)), user)
        rows = comments.select_related("author").order_by("pk")
        page = list(CommentPagination().paginate_queryset(rows, request) or [])
        people, expand = people_named(page), _flag(request, "expand_created_by") or False
        return Response([comment_document(row, people, expand_person=expand) for row in page])

    @extend_schema(request=NewCommentSerializer, responses={200: dict, 201: dict})
    def post(self, request: Request) -> Response:
        """Comment on `task`, or on `annotation`; people are mentioned as `@name`, `@address` or `@[user:ID]`.

        The same `unique_id` again stores nothing: it answers 200 with the comment there is.
        """
        user = caller(request)
        form = NewCommentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        fields = dict(form.validated_data)
        task_id, project_id = _place(user, fields.pop("task", None), fields.get("completion_id"))
        require(role_in(user, project_id), Action.COMMENT)
        require_echoed_ids(request.data, project=project_id, created_by=user.pk)
        resolved = fields.pop("is_resolved", False)
        fields["region_id"] = fields.get("region_id") or ""
        comment = services.add_comment(task_id=task_id, author=user, **fields)
        code = status.HTTP_201_CREATED if comment.is_new else status.HTTP_200_OK
        if resolved and comment.is_new:
            comment = services.set_resolved(comment_id=comment.pk, resolved=True, changed_by=user)
        return Response(_document(comment), status=code)


class CommentView(APIView):
    """One comment."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, comment_id: str) -> Response:
        """Return it."""
        return Response(_document(comment_for(caller(request), int(comment_id))))

    @extend_schema(request=ChangedCommentSerializer, responses={200: dict})
    def patch(self, request: Request, comment_id: str) -> Response:
        """Change the text of one's own, or resolve and reopen anybody's."""
        user = caller(request)
        comment = comment_for(user, int(comment_id))
        require(role_in(user, comment.project_id), Action.COMMENT)
        require_echoed_ids(
            request.data,
            id=comment.pk,
            task=comment.task_id,
            annotation=comment.completion_id,
            project=comment.project_id,
            created_by=comment.author_id,
        )
        form = ChangedCommentSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        if form.validated_data.get("text", comment.text) != comment.text:
            require_editing(user, comment)
            comment = services.edit_comment(comment_id=comment.pk, text=form.validated_data["text"])
        if "is_resolved" in form.validated_data:
            comment = services.set_resolved(
                comment_id=comment.pk, resolved=form.validated_data["is_resolved"], changed_by=user
            )
        return Response(_document(comment))

    put = patch

    @extend_schema(responses={204: None})
    def delete(self, request: Request, comment_id: str) -> Response:
        """Delete one's own, or as a manager anybody's."""
        user = caller(request)
        comment = comment_for(user, int(comment_id))
        require_deleting(user, comment)
        services.delete_comment(comment_id=comment.pk, deleted_by=user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _document(comment: Comment) -> dict[str, Any]:
    return comment_document(comment, people_named([comment]))


def _filters(request: Request) -> dict[str, Any]:
    filters: dict[str, Any] = {}
    for name, field in _FILTERS.items():
        value = request.query_params.get(name)
        if value is not None:
            number = id_in(value)
            if number is None:
                raise ValidationFailed(f"{name} must be a number.", fields={name: ["Not a number."]})
            filters[field] = number
    if not filters:
        raise ValidationFailed("Say whose comments you want: ?task=ID, ?annotation=ID or ?project=ID.")
    resolved = _flag(request, "is_resolved")
    return filters if resolved is None else filters | {"resolved_at__isnull": not resolved}


def _flag(request: Request, name: str) -> bool | None:
    value = request.query_params.get(name, "").lower()
    if value not in {"", "true", "false", "1", "0"}:
        raise ValidationFailed(f"{name} must be true or false.", fields={name: ["Not true or false."]})
    return None if value == "" else value in {"true", "1"}


def _place(user: User, task_id: int | None, completion_id: int | None) -> tuple[int, int]:
    """Return the task and the project that a new comment belongs to, both of which the person may see."""
    if completion_id is not None:
        completion = completion_for(user, completion_id)
        if task_id not in (None, completion.task_id):
            message = f"Completion {completion_id} is not one of task {task_id}."
            raise ValidationFailed(message, fields={"annotation": [message]})
        return completion.task_id, completion.project_id
    if task_id is None:
        message = "Say what the comment is about: task or annotation."
        raise ValidationFailed(message, fields={"task": [message]})
    task = readable_task(user, task_id)
    return task.pk, task.project_id
