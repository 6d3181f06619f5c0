"""Actions that delete: tasks, duplicates, completions, predictions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.completions.models import Completion
from apps.completions.restoring import restore_deleted
from apps.completions.services import delete_completion
from apps.core.errors import NotFound
from apps.data_manager.actions import action as batches
from apps.data_manager.actions.action import TaskAction, Work
from apps.data_manager.duplicates import batches_of_duplicates, delete_unanswered
from apps.data_manager.listing import batches_of_ids
from apps.data_manager.models import ActionRun
from apps.predictions.services import delete_predictions_of
from apps.projects.archiving import require_labeling
from apps.projects.models import Project
from apps.projects.policy import Action as Right
from apps.tasks.services import delete_batch


def _delete_tasks(work: Work) -> None:
    for ids in batches_of_ids(work.query, batches.BULK):
        work.tally.processed += delete_batch(project_id=work.project.pk, task_ids=ids)
        work.report(work.tally.processed)


def _remove_duplicates(work: Work) -> None:
    for ids in batches_of_duplicates(work.query, batches.BULK):
        work.tally.processed += delete_unanswered(project_id=work.project.pk, task_ids=ids)
        work.report(work.tally.processed)


def _delete_predictions(work: Work) -> None:
    done = 0
    for ids in batches_of_ids(work.query, batches.BULK):
        work.tally.processed += delete_predictions_of(project_id=work.project.pk, task_ids=ids)
        done += len(ids)
        work.report(done)


def _delete_completions(work: Work) -> None:
    done = 0
    for ids in batches_of_ids(work.query, batches.SINGLY):
        work.tally.processed += _delete_completions_of(ids, work)
        done += len(ids)
        work.report(done)


@transaction.atomic
def _delete_completions_of(task_ids: list[int], work: Work) -> int:
    found = Completion.objects.filter(project=work.project, task_id__in=task_ids).order_by("task_id", "pk")
    deleted = [pk for pk in list(found.values_list("pk", flat=True)) if _delete_completion(pk, work.actor)]
    if deleted:
        work.keep(completions=deleted)
    return len(deleted)


def _delete_completion(completion_id: int, actor: User) -> bool:
    try:
        delete_completion(completion_id=completion_id, deleted_by=actor)
    except NotFound:  # somebody else deleted it at the same moment
        return False
    return True


def _restore_completions(run: ActionRun, step: Mapping[str, Any], actor: User) -> int:
    require_labeling(run.project)
    return sum(restore_deleted(completion_id=pk, restored_by=actor) for pk in step["completions"])


def _check_labeling(project: Project, _options: Mapping[str, Any]) -> None:
    require_labeling(project)


DELETE_TASKS = TaskAction(
    "delete_tasks", "Delete tasks", 100, Right.CHANGE_TASKS,
    "Delete the selected tasks with their completions and predictions?",
    "tasks deleted", AuditAction.TASKS_DELETED, _delete_tasks, is_destructive=True,
)  # fmt: skip
REMOVE_DUPLICATES = TaskAction(
    "remove_duplicates", "Remove duplicates", 99, Right.CHANGE_TASKS,
    "Delete tasks whose data is the same as that of another selected task? Tasks with answers stay.",
    "tasks deleted", AuditAction.TASKS_DELETED, _remove_duplicates, is_destructive=True,
)  # fmt: skip
DELETE_COMPLETIONS = TaskAction(
    "delete_tasks_annotations", "Delete completions", 101, Right.CHANGE_ALL_COMPLETIONS,
    "Delete all completions of the selected tasks? They go back to the queue.", "completions deleted",
    AuditAction.COMPLETIONS_DELETED, _delete_completions, at_once=200, check=_check_labeling,
    undo=_restore_completions, is_destructive=True, aliases=("delete_tasks_completions",),
)  # fmt: skip
DELETE_PREDICTIONS = TaskAction(
    "delete_tasks_predictions", "Delete predictions", 102, Right.CHANGE_PREDICTIONS,
    "Delete all predictions of the selected tasks? They can only be made or imported anew.",
    "predictions deleted", AuditAction.PREDICTIONS_DELETED, _delete_predictions, is_destructive=True,
)  # fmt: skip
