"""What is read for one task or for the label stream."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from django.db import DatabaseError, IntegrityError, connection

from apps.accounts.models import User
from apps.comments.queries import comment_counts
from apps.completions.inserting import FIRST_ANSWER_BEFORE_NEXT, FirstAnswer
from apps.completions.models import Completion
from apps.completions.queries import completions_of, drafts_of
from apps.core.errors import NotFound, ProductError
from apps.data_manager.documents import full_task_document
from apps.data_manager.label_stream import reserve_next_chosen
from apps.data_manager.task_query import TaskQuery
from apps.data_manager.task_to_label import TaskToLabel, marked_task, read_task_to_label, task_to_label
from apps.predictions.models import Prediction
from apps.projects.models import Project
from apps.projects.queries import totals_of
from apps.tasks.empty_queue import EmptyQueue, why_no_task
from apps.tasks.models import Task
from apps.tasks.next_task import Reserved, reserve_and_read_behind, reserve_and_read_next

logger = logging.getLogger(__name__)


def one_task(task: Task, user: User) -> dict[str, Any]:
    """Return a task with the answers `user` may see, people expanded."""
    predictions = Prediction.objects.for_user(user).filter(task=task).order_by("pk")
    return full_task_document(
        task,
        list(completions_of(task, user)),
        list(predictions),
        drafts_of([task.pk], user),
        comment_counts([task.pk], user)[task.pk],
    )


class NoTaskLeft(NotFound):
    """There is no next task for this person now; the message, and `details` for programs, say why."""

    def __init__(self, why: EmptyQueue) -> None:
        details = {"reason": why.reason, "free_at": why.free_at, "counts": asdict(why.counts)}
        super().__init__(why.message, details=details)


class NextAlong:
    """Reserves a person's next task in the round trip that stores the first answer of the one they have labeled.

    Args:
        besides: as for `reserve_next`.
    """

    def __init__(self, user: User, besides: int | None) -> None:
        self._user, self._besides = user, besides
        self.reserved: Reserved | None = None
        """What is reserved; None when it was not asked for, or not found where it most likely is."""

    def store(self, answer: FirstAnswer) -> tuple[Any, ...] | None:
        """Store an answer, as `FirstAnswer.store` does; if the next task is in the way, store it alone."""
        try:
            outcome, reserved = reserve_and_read_behind(
                FIRST_ANSWER_BEFORE_NEXT,
                answer.values,
                marked_task(),
                project=answer.task.project,
                user=self._user,
                besides=self._besides,
            )
        except DatabaseError as error:
            if connection.in_atomic_block or isinstance(error, IntegrityError):
                raise
            logger.exception("An answer is stored without a next task behind it")
            return answer.store()
        is_stored = outcome[0] is not None
        self.reserved = reserved if is_stored else None  # else it may be the task in hand
        return outcome


def next_task(
    project: Project,
    user: User,
    *,
    besides: int | None = None,
    chosen: TaskQuery | None = None,
    reserved: Reserved | None = None,
) -> dict[str, Any]:
    """Reserve the next task for `user` and return it as they are to label it.

    It comes with their own completions only, and with predictions if the project shows them.

    Args:
        besides: as for `reserve_next`.
        chosen: only these tasks, in their order.
        reserved: the task, if it is reserved already.

    Raises:
        NoTaskLeft: nothing is left for them, with the reason.
        ValidationFailed: the chosen tasks cannot be searched.
    """
    if reserved is None and not project.archived_at:
        found = _reserve(project, user, besides, chosen)
    else:
        found = _task_to_label(reserved, user)
    if found is None:
        why = why_no_task(project, user, totals_of([project.pk])[project.pk])
        raise NoTaskLeft(why if chosen is None or project.archived_at else _none_chosen(why))
    return labeling_document(found, project, user)


def next_or_why_not(
    project: Project,
    user: User,
    *,
    besides: int | None,
    choose: Callable[[], TaskQuery | None],
    reserved: Reserved | None = None,
) -> dict[str, Any]:
    """Reserve the next task as `next_task` does, behind a submit, which stands whatever becomes of this.

    Args:
        choose: returns what `next_task` takes as `chosen`, or raises.
        reserved: as for `next_task`.

    Returns:
        `task`, or None with what `NoTaskLeft` says: `detail`, and `reason` and the like for programs. The reason
        "failed" means that asking again may tell more.
    """
    try:
        return {"task": next_task(project, user, besides=besides, chosen=choose(), reserved=reserved)}
    except ProductError as error:
        return {"task": None, "detail": error.message, "reason": "failed", **error.details}
    except Exception:  # the completion is stored: its sender must hear that
        logger.exception("No next task was reserved behind a submit")
        return {
            "task": None,
            "detail": "The next task could not be reserved. Ask for it.",
            "reason": "failed",
        }


def _reserve(
    project: Project, user: User, besides: int | None, chosen: TaskQuery | None
) -> TaskToLabel | None:
    if chosen is not None:
        task_id = reserve_next_chosen(chosen, user, besides=besides)
        return None if task_id is None else read_task_to_label(task_id, user)
    reserved = reserve_and_read_next(marked_task(), project=project, user=user, besides=besides)
    return _task_to_label(reserved, user)


def _task_to_label(reserved: Reserved | None, user: User) -> TaskToLabel | None:
    return None if reserved is None else task_to_label(reserved.task_id, reserved.task, user)


def _none_chosen(why: EmptyQueue) -> EmptyQueue:
    message = "None of the chosen tasks is left for you: each has its answers, or yours, or is in other people's hands."
    return replace(why, reason="none-chosen", message=message)


def labeling_document(reserved: TaskToLabel, project: Project, user: User) -> dict[str, Any]:
    """Return a task as `user` labels it in the label stream, with their own answers and drafts."""
    task = reserved.task
    own: list[Completion] = []
    if task.completions_count or task.skips_count:
        mine = Completion.objects.filter(task_id=task.pk, completed_by=user).select_related("completed_by")
        own = list(mine.order_by("pk"))
    predictions = shown_predictions(task, project)
    return {
        **full_task_document(task, own, predictions, reserved.drafts, reserved.comments),
        "unique_lock_id": None,
        "queue": reserved.progress,
    }


def shown_predictions(task: Any, project: Project) -> list[Prediction]:
    """Return the predictions annotators see: those of the project's model version, or all when none is chosen.

    Args:
        task: it, or a record of it.
    """
    if not (project.show_predictions and task.predictions_count):
        return []
    predictions = Prediction.objects.filter(task_id=task.pk)
    if project.model_version:
        predictions = predictions.filter(model_version=project.model_version)
    return list(predictions.order_by("pk"))
