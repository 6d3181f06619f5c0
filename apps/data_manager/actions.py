"""What can be done to many tasks at once: each action with who may do it, and how it goes over the tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.completions.models import Completion
from apps.completions.services import create_completion, delete_completion
from apps.core.errors import NotFound, ValidationFailed
from apps.data_manager.duplicates import batches_of_duplicates, delete_unanswered
from apps.data_manager.listing import TaskQuery, batches_of_ids
from apps.predictions.models import Prediction
from apps.predictions.services import delete_predictions_of
from apps.projects.archiving import require_labeling
from apps.projects.models import MAX_OVERLAP, Project
from apps.projects.policy import Action as Right
from apps.tasks.services import delete_batch, set_overlap

BULK = 1_000
"""How many tasks one transaction changes, where one statement does it."""

SINGLY = 100
"""How many tasks are looked up together, where each answer is a transaction of its own."""

Report = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Work:
    """One call of an action: on which tasks, by whom, with which options, and whom to tell of the progress."""

    query: TaskQuery
    actor: User
    options: Mapping[str, Any] = field(default_factory=dict)
    report: Report = lambda _done: None

    @property
    def project(self) -> Project:
        """The project of the tasks."""
        return self.query.project


@dataclass(frozen=True, slots=True)
class TaskAction:
    """An action on many tasks.

    Attributes:
        right: who may do this may run it.
        question: what people confirm.
        done: what was processed, for a sentence such as "12 tasks deleted".
        at_once: up to so many tasks it runs while the caller waits; more become a job.
        run: does it and returns how many things were processed; it may be run again after it was broken off.
        audit: under which name it is logged.
        check: refuses options it cannot work with.
    """

    id: str
    title: str
    order: int
    right: Right
    question: str
    done: str
    at_once: int
    run: Callable[[Work], int]
    audit: AuditAction
    check: Callable[[Project, Mapping[str, Any]], None] = lambda _project, _options: None


def _delete_tasks(work: Work) -> int:
    deleted = 0
    for ids in batches_of_ids(work.query, BULK):
        deleted += delete_batch(project_id=work.project.pk, task_ids=ids)
        work.report(deleted)
    return deleted


def _delete_completions(work: Work) -> int:
    deleted = done = 0
    for ids in batches_of_ids(work.query, SINGLY):
        found = Completion.objects.filter(task_id__in=ids).order_by("task_id", "pk")
        for completion_id in list(found.values_list("pk", flat=True)):
            deleted += _delete_completion(completion_id, work.actor)
        done += len(ids)
        work.report(done)
    return deleted


def _delete_completion(completion_id: int, actor: User) -> bool:
    try:
        delete_completion(completion_id=completion_id, deleted_by=actor)
    except NotFound:  # somebody else deleted it at the same moment
        return False
    return True


def _delete_predictions(work: Work) -> int:
    deleted = done = 0
    for ids in batches_of_ids(work.query, BULK):
        deleted += delete_predictions_of(project_id=work.project.pk, task_ids=ids)
        done += len(ids)
        work.report(done)
    return deleted


def _complete_from_predictions(work: Work) -> int:
    """Make a completion of each task's latest prediction of the project's model version; each one only once."""
    created = done = 0
    version = {"model_version": work.project.model_version} if work.project.model_version else {}
    for ids in batches_of_ids(work.query, SINGLY):
        predictions = Prediction.objects.filter(task_id__in=ids, **version)
        latest = predictions.order_by("task_id", "-updated_at", "-pk").distinct("task_id")
        made = set(
            Completion.objects.filter(task_id__in=ids, completed_by=work.actor).values_list(
                "parent_prediction", flat=True
            )
        )
        for prediction in latest:
            if prediction.pk not in made:
                created += _complete_from(prediction, work.actor)
        done += len(ids)
        work.report(done)
    return created


def _complete_from(prediction: Prediction, actor: User) -> bool:
    try:
        _, is_new = create_completion(
            task_id=prediction.task_id,
            completed_by=actor,
            client_id=uuid5(NAMESPACE_URL, f"prediction:{prediction.pk}:{prediction.updated_at}:{actor.pk}"),
            result=prediction.result,
            parent_prediction=prediction.pk,
        )
    except NotFound:  # the task was deleted in the meantime
        return False
    return is_new


def _check_labeling(project: Project, _options: Mapping[str, Any]) -> None:
    require_labeling(project)


def _remove_duplicates(work: Work) -> int:
    deleted = 0
    for ids in batches_of_duplicates(work.query, BULK):
        deleted += delete_unanswered(project_id=work.project.pk, task_ids=ids)
        work.report(deleted)
    return deleted


def _set_overlap(work: Work) -> int:
    changed = 0
    for ids in batches_of_ids(work.query, BULK):
        changed += set_overlap(project_id=work.project.pk, task_ids=ids, overlap=work.options["overlap"])
        work.report(changed)
    return changed


def _check_overlap(_project: Project, options: Mapping[str, Any]) -> None:
    overlap = options.get("overlap")
    if isinstance(overlap, bool) or not isinstance(overlap, int) or not 1 <= overlap <= MAX_OVERLAP:
        message = f"overlap must be a whole number from 1 to {MAX_OVERLAP}."
        raise ValidationFailed(message, fields={"overlap": [message]})


ACTIONS = (
    TaskAction(
        "predictions_to_annotations", "Create completions from predictions", 91, Right.CHANGE_ALL_COMPLETIONS,
        "Make a completion in your name of each task's latest prediction?", "completions created", 100,
        _complete_from_predictions, AuditAction.COMPLETIONS_CREATED, _check_labeling,
    ),
    TaskAction(
        "set_overlap", "Set overlap", 95, Right.CHANGE_TASKS,
        "Change how many people's completions the selected tasks need?", "tasks changed", 5_000,
        _set_overlap, AuditAction.TASKS_CHANGED, _check_overlap,
    ),
    TaskAction(
        "remove_duplicates", "Remove duplicates", 99, Right.CHANGE_TASKS,
        "Delete tasks whose data is the same as that of another selected task? Tasks with answers stay.",
        "tasks deleted", 5_000, _remove_duplicates, AuditAction.TASKS_DELETED,
    ),
    TaskAction(
        "delete_tasks", "Delete tasks", 100, Right.CHANGE_TASKS,
        "Delete the selected tasks with their completions and predictions? This cannot be undone.",
        "tasks deleted", 5_000, _delete_tasks, AuditAction.TASKS_DELETED,
    ),
    TaskAction(
        "delete_tasks_annotations", "Delete completions", 101, Right.CHANGE_ALL_COMPLETIONS,
        "Delete all completions of the selected tasks? They go back to the queue.", "completions deleted", 200,
        _delete_completions, AuditAction.COMPLETIONS_DELETED, _check_labeling,
    ),
    TaskAction(
        "delete_tasks_predictions", "Delete predictions", 102, Right.CHANGE_PREDICTIONS,
        "Delete all predictions of the selected tasks?", "predictions deleted", 5_000,
        _delete_predictions, AuditAction.PREDICTIONS_DELETED,
    ),
)  # fmt: skip

_BY_ID = {action.id: action for action in ACTIONS} | {
    # What the Flask era called them.
    "predictions_to_completions": ACTIONS[0],
    "delete_tasks_completions": ACTIONS[4],
}


def find_action(name: str) -> TaskAction:
    """Return the action called `name`.

    Raises:
        NotFound: there is none.
    """
    action = _BY_ID.get(name)
    if action is None:
        known = ", ".join(action.id for action in ACTIONS)
        raise NotFound(f'There is no action "{name[:80]}". Use one of {known}.')
    return action
