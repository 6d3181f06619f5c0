"""TASK objects of the API: a task with its completions and predictions (docs/api.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db.models import F, Func, IntegerField

from apps.accounts.models import User
from apps.comments.queries import CommentCounts, comment_counts
from apps.completions.draft_documents import draft_document
from apps.completions.models import Completion, Draft
from apps.completions.queries import drafts_of
from apps.completions.serializers import completion_document, listed_completion_document
from apps.core.compiled_queries import CompiledQuery, CompiledRecords, number, numbers
from apps.predictions.models import Prediction
from apps.predictions.serializers import prediction_document
from apps.tasks.models import Task


def task_document(task: Task, comments: CommentCounts) -> dict[str, Any]:
    """Return a task's own fields."""
    return {
        "id": task.pk,
        "inner_id": task.inner_id,
        "data": task.data,
        "meta": task.meta,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
        "completed_at": task.completed_at,
        "is_labeled": task.is_labeled,
        "overlap": task.overlap,
        "total_annotations": task.completions_count,
        "cancelled_annotations": task.skips_count,
        "total_predictions": task.predictions_count,
        "predictions_score": task.prediction_score,
        "comment_count": comments.total,
        "unresolved_comment_count": comments.unresolved,
        "last_comment_updated_at": comments.last_updated_at,
        "comment_authors": comments.author_ids,
        "project": task.project_id,
        "updated_by": [{"user_id": task.updated_by_id}] if task.updated_by_id else [],
        "file_upload": task.file_upload or None,
        "storage_filename": None,
    }


def full_task_document(
    task: Task,
    completions: Sequence[Completion],
    predictions: Sequence[Prediction],
    drafts: Sequence[Draft],
    comments: CommentCounts,
) -> dict[str, Any]:
    """Return a task with its answers and the drafts of the one person it is for, people expanded."""
    documents = [completion_document(row, expand_person=True) for row in completions]
    return _with_answers(task, completions, documents, predictions, drafts, comments)


def _with_answers(
    task: Task,
    completions: Sequence[Completion],
    documents: list[dict[str, Any]],
    predictions: Sequence[Prediction],
    drafts: Sequence[Draft],
    comments: CommentCounts,
) -> dict[str, Any]:
    return {
        **task_document(task, comments),
        "annotations": documents,
        **_sums_of_completions(completions),
        **_predictions_in(predictions),
        "drafts": [draft_document(row) for row in drafts] if drafts else [],
        "draft_exists": bool(drafts),
    }


def _sums_of_completions(completions: Sequence[Completion]) -> dict[str, Any]:
    if not completions:  # as for most tasks of a list
        return {"annotators": [], "annotations_ids": "", "avg_lead_time": None}
    lead_times = [row.lead_time for row in completions if row.lead_time is not None]
    return {
        "annotators": sorted({row.completed_by_id for row in completions if row.completed_by_id}),
        "annotations_ids": ",".join([str(row.pk) for row in completions]),
        "avg_lead_time": sum(lead_times) / len(lead_times) if lead_times else None,
    }


def _predictions_in(predictions: Sequence[Prediction]) -> dict[str, Any]:
    if not predictions:
        return {"predictions": [], "predictions_model_versions": ""}
    return {
        "predictions": [prediction_document(row) for row in predictions],
        "predictions_model_versions": ",".join(sorted({row.model_version for row in predictions})),
    }


_RESULT_COUNT = Func(
    F("result"),
    template="CASE jsonb_typeof(%(expressions)s) WHEN 'array' THEN jsonb_array_length(%(expressions)s) ELSE 0 END",
    output_field=IntegerField(),
)


@cache
def _visible_completions(user_role: str) -> CompiledRecords:
    visible = Completion.objects.for_user(User(pk=number("user"), role=user_role))
    of_tasks = visible.filter(task_id__in=numbers("tasks")).annotate(
        result_count=_RESULT_COUNT,
        first_name=F("completed_by__first_name"),
        last_name=F("completed_by__last_name"),
        email=F("completed_by__email"),
    )
    return CompiledRecords("completions", of_tasks.order_by("pk"))


@cache
def _visible_predictions(user_role: str) -> CompiledQuery[Prediction]:
    visible = Prediction.objects.for_user(User(pk=number("user"), role=user_role))
    return CompiledQuery("predictions", visible.filter(task_id__in=numbers("tasks")).order_by("pk"))


def full_task_documents(tasks: Sequence[Any], user: User) -> list[dict[str, Any]]:
    """Return tasks with those of their answers that `user` may see, in at most four queries for all of them.

    Args:
        tasks: records of them, with `has_draft` (one of `user`) and `has_comment`.
    """
    completions: dict[int, list[Any]] = defaultdict(list)
    if answered := [task.pk for task in tasks if task.completions_count or task.skips_count]:
        for completion in _visible_completions(user.role).rows(user=user.pk, tasks=answered):
            completions[completion.task_id].append(completion)
    predictions: dict[int, list[Prediction]] = defaultdict(list)
    if predicted := [task.pk for task in tasks if task.predictions_count]:
        for prediction in _visible_predictions(user.role).rows(user=user.pk, tasks=predicted):
            predictions[prediction.task_id].append(prediction)
    drafts: dict[int, list[Draft]] = defaultdict(list)
    if drafted := [task.pk for task in tasks if task.has_draft]:
        for draft in drafts_of(drafted, user):
            drafts[draft.task_id].append(draft)
    comments = comments_on(tasks, user)
    return [
        _with_answers(
            task,
            completions[task.pk],
            [listed_completion_document(row) for row in completions[task.pk]],
            predictions[task.pk],
            drafts[task.pk],
            comments[task.pk],
        )
        for task in tasks
    ]


def comments_on(tasks: Sequence[Any], user: User) -> dict[int, CommentCounts]:
    """Return the numbers of comments on each task that `user` may see, by its id; asked for only where there are some.

    Args:
        tasks: records of them, with `has_comment`.
    """
    counts = comment_counts([task.pk for task in tasks if task.has_comment], user)
    return defaultdict(CommentCounts, counts)
