"""Actions that make completions, and mark them as ground truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.completions.ground_truth import mark_latest, set_marks, take_marks_away
from apps.completions.models import Completion
from apps.completions.services import create_completion, delete_completion
from apps.core.errors import Conflict, NotFound, ValidationFailed
from apps.data_manager.actions import action as batches
from apps.data_manager.actions.action import TaskAction, Work
from apps.data_manager.actions.option import Choice, Option
from apps.data_manager.listing import batches_of_ids
from apps.data_manager.models import ActionRun
from apps.predictions.models import Prediction
from apps.predictions.queries import model_versions
from apps.projects.archiving import require_labeling
from apps.projects.models import Project
from apps.projects.policy import Action as Right


def _complete_from_predictions(work: Work) -> None:
    """Make a completion of each task's latest prediction of the version, if it is sure enough; each one only once."""
    done = 0
    for ids in batches_of_ids(work.query, batches.SINGLY):
        work.tally.processed += _complete_tasks(ids, work)
        done += len(ids)
        work.report(done)


@transaction.atomic
def _complete_tasks(task_ids: list[int], work: Work) -> int:
    name = work.options["model_version"] or work.project.model_version
    version = {"model_version": name} if name else {}
    predictions = Prediction.objects.filter(project=work.project, task_id__in=task_ids, **version)
    latest = predictions.order_by("task_id", "-updated_at", "-pk").distinct("task_id")
    own = Completion.objects.filter(task_id__in=task_ids, completed_by=work.actor)
    made = set(own.values_list("parent_prediction", flat=True))
    least = work.options["min_score"]
    sure = [prediction for prediction in latest if prediction.pk not in made and _is_sure(prediction, least)]
    found = [_complete_from(prediction, work) for prediction in sure]
    created = [pk for pk in found if pk is not None]
    if created:
        work.keep(completions=created)
    return len(created)


def _is_sure(prediction: Prediction, least: float | None) -> bool:
    return least is None or (prediction.score is not None and prediction.score >= least)


def _versions(project: Project) -> list[Choice]:
    named = [Choice(version, version) for version in model_versions(project.pk) if version]
    return [Choice("", "The one that annotators see"), *named]


def _complete_from(prediction: Prediction, work: Work) -> int | None:
    """Return the id of a new completion; None when there is none, which is counted if it was refused."""
    named = f"prediction:{prediction.pk}:{prediction.updated_at}:{work.actor.pk}"
    try:
        completion, is_new = create_completion(
            task_id=prediction.task_id,
            completed_by=work.actor,
            client_id=uuid5(NAMESPACE_URL, named),
            result=prediction.result,
            parent_prediction=prediction.pk,
        )
    except NotFound:  # the task was deleted in the meantime
        return None
    except ValidationFailed as error:
        # A strict project takes only what fits its config; what does fit is not held up by what does not.
        work.tally.leave_out(error.message)
        return None
    return completion.pk if is_new else None


def _delete_unchanged(run: ActionRun, step: Mapping[str, Any], actor: User) -> int:
    """Delete the completions that were made, except those that somebody has changed since."""
    require_labeling(run.project)
    return sum(_delete_first_version(pk, actor) for pk in step["completions"])


def _delete_first_version(completion_id: int, actor: User) -> bool:
    try:
        delete_completion(completion_id=completion_id, deleted_by=actor, version=1)
    except (NotFound, Conflict):  # it is gone, or it has a later version
        return False
    return True


def _set_ground_truth(work: Work) -> None:
    _mark_batches(work, mark_latest, ground_truth=True)


def _unset_ground_truth(work: Work) -> None:
    _mark_batches(work, take_marks_away, ground_truth=False)


def _mark_batches(work: Work, mark: Callable[..., list[int]], *, ground_truth: bool) -> None:
    done = 0
    for ids in batches_of_ids(work.query, batches.BULK):
        with transaction.atomic():
            changed = mark(project=work.project, task_ids=ids, marked_by=work.actor)
            if changed:
                work.keep(completions=changed, ground_truth=ground_truth)
        work.tally.processed += len(changed)
        done += len(ids)
        work.report(done)


def _mark_back(run: ActionRun, step: Mapping[str, Any], actor: User) -> int:
    was = not step["ground_truth"]
    ids = step["completions"]
    return len(set_marks(project=run.project, completion_ids=ids, marked_by=actor, ground_truth=was))


def _check_labeling(project: Project, _options: Mapping[str, Any]) -> None:
    require_labeling(project)


COMPLETE_FROM_PREDICTIONS = TaskAction(
    "predictions_to_annotations", "Create completions from predictions", 91, Right.CHANGE_ALL_COMPLETIONS,
    "Make a completion in your name of each task's latest prediction, if its score is high enough? In a project that "
    "takes only results that fit its config, predictions that do not fit are left out.", "completions created",
    AuditAction.COMPLETIONS_CREATED, _complete_from_predictions, at_once=100, check=_check_labeling,
    undo=_delete_unchanged, aliases=("predictions_to_completions",),
    options=(
        Option("min_score", "Least score", "number", "Predictions below it, or without a score, make no completion. "
               "Empty: every prediction makes one.", required=False, is_whole=False),
        Option("model_version", "Model version", "select", required=False, choices=_versions, default=""),
    ),
)  # fmt: skip
SET_GROUND_TRUTH = TaskAction(
    "set_ground_truth", "Mark as ground truth", 92, Right.SET_GROUND_TRUTH,
    "Mark the latest completion of each selected task as ground truth? Others' answers can then be compared with it.",
    "completions marked", AuditAction.TASKS_CHANGED, _set_ground_truth, at_once=1_000,
    check=_check_labeling, undo=_mark_back,
)  # fmt: skip
UNSET_GROUND_TRUTH = TaskAction(
    "unset_ground_truth", "Remove ground truth marks", 93, Right.SET_GROUND_TRUTH,
    "Remove the ground truth marks from all completions of the selected tasks? The completions stay.",
    "marks removed", AuditAction.TASKS_CHANGED, _unset_ground_truth, at_once=1_000,
    check=_check_labeling, undo=_mark_back,
)  # fmt: skip
