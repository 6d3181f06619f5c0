"""Going back to an earlier or deleted version, taking a skip back, and making a completion of another one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.completions.counting import recount
from apps.completions.events import CompletionChanged
from apps.completions.locks import lock_completion
from apps.completions.models import Completion, CompletionAction, Draft, Revision, Verdict
from apps.completions.renaming import renamed_result
from apps.completions.revisions import require_version
from apps.completions.services import change_locked, create_completion, delete_locked
from apps.core.errors import NotFound, ValidationFailed
from apps.core.events import publish
from apps.projects.archiving import require_labeling
from apps.projects.config_versions import renames_since
from apps.tasks.locks import lock_task
from apps.tasks.models import Task


@transaction.atomic
def restore_version(
    *, completion_id: int, number: int, restored_by: User, version: int | None = None
) -> Completion:
    """Make an earlier version of a completion the present one; one that was deleted comes back as it was.

    What was answered comes back, and whether it was a skip; lead time and ground truth stay. Names that the labeling
    config has given up since then are those of today. The history goes on: nothing is cut off.

    Args:
        number: of the version to go back to.
        version: the present version as the person saw it; None restores whatever is there.

    Raises:
        NotFound: there is no such completion, or no such earlier version.
        NotAllowed: the project is archived.
        StaleVersion: it has a later version than `version`.
        ValidationFailed: the result does not fit the config of a project with `strict_results`.
    """
    task, completion = _lock(completion_id)
    require_labeling(task.project)
    revision: Revision | None = (
        Revision.objects.filter(completion_id=completion_id, version=number)
        .exclude(action=CompletionAction.DELETED)
        .first()
    )
    if revision is None:
        raise NotFound(f"Completion {completion_id} has no earlier version {number}.")
    if completion is None:
        completion = _bring_back(task, completion_id, restored_by)
    else:
        require_version(completion, version)
    fields = {"result": _result_today(task, revision), "was_cancelled": revision.was_cancelled}
    return change_locked(
        task, completion, fields=fields, changed_by=restored_by, action=CompletionAction.RESTORED
    )


@transaction.atomic
def restore_deleted(*, completion_id: int, restored_by: User) -> bool:
    """Bring a completion back as its last version was; return whether it was deleted until now.

    Raises:
        NotAllowed: the project is archived.
        ValidationFailed: the result does not fit the config of a project with `strict_results`.
    """
    versions = Revision.objects.filter(completion_id=completion_id).exclude(action=CompletionAction.DELETED)
    last = versions.order_by("-version").values_list("version", flat=True).first()
    if last is None or Completion.objects.filter(pk=completion_id).exists():
        return False
    restore_version(completion_id=completion_id, number=last, restored_by=restored_by)
    return True


def _lock(completion_id: int) -> tuple[Task, Completion | None]:
    """Lock the task of a completion that is there or was deleted."""
    for rows in (
        Completion.objects.filter(pk=completion_id),
        Revision.objects.filter(completion_id=completion_id),
    ):
        if task_id := rows.values_list("task_id", flat=True).first():
            return lock_task(task_id), Completion.objects.filter(pk=completion_id).first()
    raise NotFound(f"There is no completion {completion_id}.")


def _bring_back(task: Task, completion_id: int, restored_by: User) -> Completion:
    """Store a deleted completion again under its id, as its last version was."""
    deletion, last = Revision.objects.filter(completion_id=completion_id).order_by("-version")[:2]
    completion = Completion.objects.create(
        id=completion_id,
        task=task,
        project_id=task.project_id,
        completed_by_id=last.completed_by_id,
        updated_by=restored_by,
        result=last.result,
        config_version=last.config_version,
        warnings=last.warnings,
        was_cancelled=last.was_cancelled,
        ground_truth=last.ground_truth,
        lead_time=last.lead_time,
        version=deletion.version + 1,
        last_action=CompletionAction.RESTORED,
        updated_at=timezone.now(),
        **_origin(deletion.origin or {}),
    )
    recount(task, restored_by)
    publish(CompletionChanged(completion.pk, task.pk, task.project_id, "created"))
    return completion


def _origin(kept: dict[str, Any]) -> dict[str, Any]:
    """Return what only a deletion kept; a client id that is in use again stays with who has it."""
    client_id = UUID(kept["client_id"]) if kept.get("client_id") else None
    if client_id and Completion.objects.filter(client_id=client_id).exists():
        client_id = None
    return {
        "client_id": client_id,
        "parent_prediction": kept.get("parent_prediction"),
        "parent_completion": kept.get("parent_completion"),
        "review": kept.get("review", Verdict.NONE),
        "reviewed_by_id": kept.get("reviewed_by"),
        "reviewed_at": datetime.fromisoformat(kept["reviewed_at"]) if kept.get("reviewed_at") else None,
        "created_at": datetime.fromisoformat(kept["created_at"]),
    }


def _result_today(task: Task, version: Revision | Completion) -> list[dict[str, Any]]:
    steps = renames_since(task.project_id, version.config_version)
    return renamed_result(version.result, [renames for _, renames in steps])


@transaction.atomic
def duplicate_completion(
    *, completion_id: int, duplicated_by: User, client_id: UUID | None = None
) -> tuple[Completion, bool]:
    """Store a copy of a completion as a new one by `duplicated_by`, and return it with whether it is new.

    Args:
        client_id: as for `create_completion`.

    Raises:
        NotFound: it was deleted.
        NotAllowed: the project is archived.
        ClientIdReused: `client_id` belongs to another completion.
    """
    task, original = lock_completion(completion_id)
    return create_completion(
        task_id=task.pk,
        completed_by=duplicated_by,
        client_id=client_id,
        action=CompletionAction.DUPLICATED,
        result=_result_today(task, original),
        parent_completion=original.pk,
    )


@transaction.atomic
def take_back_skip(*, completion_id: int, taken_back_by: User) -> Draft | None:
    """Turn a skip into a draft of the person who skipped, to whom the task is open again; return that draft.

    A draft that they have of the task already stays as it is. None: the person is no longer known.

    Raises:
        NotFound: it was deleted.
        NotAllowed: the project is archived.
        ValidationFailed: it is no skip.
    """
    task, skip = lock_completion(completion_id)
    require_labeling(task.project)
    if not skip.was_cancelled:
        raise ValidationFailed(f"Completion {completion_id} is no skip. Open it to change it.")
    draft = None
    if skip.completed_by_id is not None:
        kept = {"result": skip.result, "lead_time": skip.lead_time, "earlier_lead_time": 0.0}
        draft, _ = Draft.objects.get_or_create(
            task=task, user_id=skip.completed_by_id, completion=None, defaults=kept
        )
    delete_locked(task, skip, deleted_by=taken_back_by)
    return draft
