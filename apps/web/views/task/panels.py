"""The panels of a task, which its page and the label page show alike: comments, history, predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.comments.naming import MAX_LENGTH
from apps.comments.queries import comments_of
from apps.completions.history import deleted_completions
from apps.completions.models import Completion, Revision
from apps.completions.queries import completions_of
from apps.completions.timeline import latest_earlier_versions, with_result_counts
from apps.core.errors import NotFound
from apps.core.ids import id_in
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.tasks.models import Task
from apps.web.access import SignedInRequest
from apps.web.comment_texts import shown_comments
from apps.web.task_answers import shown_predictions
from apps.web.views.task.opening import open_task

SHOWN_COMMENTS = 50
SHOWN_HISTORIES = 20
VERSIONS_EACH = 5
MAX_VERSIONS = 200


@require_GET
def panel(request: SignedInRequest, project_id: int, task_id: int, panel: str) -> HttpResponse:
    """Return one panel of a task."""
    if panel not in _CONTEXTS:
        raise NotFound(f"There is no panel “{panel}”. There are {', '.join(_CONTEXTS)}.")
    project, task = open_task(request, project_id, task_id)
    return panel_response(request, project, task, panel)


def panel_response(
    request: SignedInRequest, project: Project, task: Task, panel: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    """Return a panel, with `more` in its context."""
    context = {"project": project, "task": task, **_CONTEXTS[panel](request, project, task), **more}
    return render(request, f"web/parts/task/{panel}.html", context, status=status)


def comments_context(request: SignedInRequest, project: Project, task: Task) -> dict[str, Any]:
    """Return what the panel of comments shows: the newest ones, those that are resolved apart.

    `?earlier=1` shows all; `?comment=ID` names one that somebody came for.
    """
    found = comments_of(task, request.user)
    total = found.count()
    shows_all = "earlier" in request.GET or "comment" in request.GET
    newest = found if shows_all else found[max(0, total - SHOWN_COMMENTS) :]
    comments = shown_comments(newest, project, request.user)
    sought = request.GET.get("comment", "")
    return {
        "open_comments": [shown for shown in comments if shown.row.resolved_at is None],
        "resolved_comments": [shown for shown in comments if shown.row.resolved_at is not None],
        "resolved_is_open": any(str(shown.row.pk) == sought and shown.row.resolved_at for shown in comments),
        "sought": sought,
        "comments_total": total,
        "comments_left_out": total - len(comments),
        "may_comment": allows(project.my_role, Action.COMMENT) and project.archived_at is None,
        "comment_length": MAX_LENGTH,
        "comment_id": uuid4(),
        "commentable": _commentable(request, task),
    }


def _commentable(request: SignedInRequest, task: Task) -> list[Completion]:
    """Return the completions that a comment can be about."""
    return list(completions_of(task, request.user).only("pk", "task_id", "completed_by")[:SHOWN_HISTORIES])


@dataclass(frozen=True, slots=True)
class ShownHistory:
    """A completion, or what is left of a deleted one, with its latest versions.

    Args:
        present: the version it has now; None when it was deleted.
        has_more: whether there are versions before those shown.
        may_restore: whether the person who looks may bring versions back.
    """

    completion_id: int
    person: Any
    present: Completion | None
    versions: Sequence[Revision]
    has_more: bool
    may_restore: bool


def history_context(request: SignedInRequest, project: Project, task: Task) -> dict[str, Any]:
    """Return what the panel of the history shows; `?completion=ID` shows more versions of that one alone."""
    only = id_in(request.GET.get("completion"))
    present = with_result_counts(
        completions_of(task, request.user).select_related("completed_by", "updated_by")
    )
    deleted = deleted_completions(task.pk, request.user)
    each = VERSIONS_EACH
    if only is not None:
        present, each = present.filter(pk=only), MAX_VERSIONS
        deleted = [row for row in deleted if row.completion_id == only]
    rows = list(present.order_by("-updated_at")[: SHOWN_HISTORIES + 1])
    left_out, rows, deleted = len(rows) > SHOWN_HISTORIES, rows[:SHOWN_HISTORIES], deleted[:SHOWN_HISTORIES]
    versions = latest_earlier_versions(
        [*(row.pk for row in rows), *(row.completion_id for row in deleted)], each=each + 1
    )
    histories = [
        *(_history(row.pk, row.completed_by, row, versions[row.pk], each) for row in rows),
        *(
            _history(row.completion_id, row.completed_by, None, versions[row.completion_id], each)
            for row in deleted
        ),
    ]
    role = project.my_role if project.archived_at is None else None
    return {
        "histories": [replace(one, may_restore=_may_change(role, one.person, request)) for one in histories],
        "history_of": only,
        "histories_left_out": left_out,
    }


def _history(
    completion_id: int, person: Any, present: Completion | None, versions: Sequence[Revision], each: int
) -> ShownHistory:
    return ShownHistory(
        completion_id, person, present, versions[:each], len(versions) > each, may_restore=False
    )


def _may_change(role: str | None, person: Any, request: SignedInRequest) -> bool:
    own = person is not None and person.pk == request.user.pk and allows(role, Action.LABEL)
    return own or allows(role, Action.CHANGE_ALL_COMPLETIONS)


def predictions_context(request: SignedInRequest, project: Project, task: Task) -> dict[str, Any]:
    """Return what the panel of predictions shows."""
    hidden = not project.show_predictions and not allows(project.my_role, Action.VIEW_ALL_COMPLETIONS)
    predictions = [] if hidden else shown_predictions(task, request.user)
    return {"predictions": predictions, "predictions_are_hidden": hidden}


_CONTEXTS = {
    "comments": comments_context,
    "history": history_context,
    "predictions": predictions_context,
}
