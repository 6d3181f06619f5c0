"""What changes completions; each keeps the version it replaces, the task's counters, its lease and the project's totals
in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.completions.checking import CheckedResult, checked_result, refuse_warnings
from apps.completions.counting import recount
from apps.completions.drafts import take_draft
from apps.completions.events import CompletionChanged
from apps.completions.inserting import (
    FirstAnswer,
    StoreFirst,
    insert_completion,
    insert_first_completion,
    is_unanswered,
)
from apps.completions.lead_times import check_lead_time, total_lead_time
from apps.completions.locks import lock_completion
from apps.completions.models import Completion, CompletionAction, Revision, Verdict
from apps.completions.revisions import (
    ClientIdReused,
    SentChange,
    keep_deleted,
    keep_versions,
    require_version,
)
from apps.core.compiled_queries import CompiledQuery, uuid
from apps.core.errors import ValidationFailed
from apps.core.events import is_recorded, publish
from apps.labeling.results import check_result_shape
from apps.projects.archiving import require_labeling
from apps.projects.config_changes import model_of
from apps.tasks.locks import lock_task, lock_task_as
from apps.tasks.models import Task
from apps.tasks.queries import task_to_answer

CHANGEABLE = frozenset(
    {"result", "was_cancelled", "ground_truth", "lead_time", "parent_prediction", "parent_completion"}
)
"""What a client may give on creation and change later."""

_REVIEWED = frozenset({"result", "was_cancelled"})
_NOT_REVIEWED = {"review": Verdict.NONE, "reviewed_by": None, "reviewed_at": None}


@transaction.atomic
def create_completion(
    *,
    task_id: int,
    completed_by: User,
    client_id: UUID | None = None,
    session: UUID | None = None,
    action: CompletionAction | None = None,
    **fields: Any,
) -> tuple[Completion, bool]:
    """Store an answer (or, with `was_cancelled`, a skip) and return it with whether it is new.

    The same `client_id` sent again by the same person for the same task returns the stored completion, so a client
    that got no answer may repeat its request. How the result does not fit the project's labeling config is kept as
    the completion's `warnings`, with the version of that config. The person's draft of the task goes.

    Args:
        session: the opening of the task in which `lead_time` was measured: the server adds earlier sessions, which
            the draft knows. None: `lead_time` is the total.
        action: what the history calls this, if it is not plainly submitted or skipped.
        fields: any of `CHANGEABLE`; `lead_time` in seconds.

    Raises:
        NotAllowed: the project is archived.
        ValidationFailed: `result` is no list of objects, or does not fit the config of a project with
            `strict_results`; or `lead_time` is no number of seconds.
        ClientIdReused: `client_id` belongs to another completion.
    """
    return _create(
        lock_task(task_id), completed_by, client_id=client_id, session=session, action=action, **fields
    )


def submit_completion(
    *,
    task_id: int,
    completed_by: User,
    fields_for: Callable[[Task, str], dict[str, Any]],
    found: Task | None = None,
    store_first: StoreFirst = FirstAnswer.store,
) -> tuple[Completion, bool]:
    """Store what a person sends for a task, as `create_completion` does, if their role allows it.

    A submit is made a million times, and nearly always the first of its task. So the task is read without a lock; what
    stores the answer locks it, and if anything has changed since, all is done anew under a lock.

    Args:
        fields_for: returns the arguments of `create_completion`, for the task and the person's role in its project;
            what it raises refuses the submit.
        found: as for `task_to_answer`.
        store_first: stores the first answer of a task, and may do more in the same round trip; not called for others.

    Raises:
        NotFound: the person may not know of the task.
    """
    task, role = task_to_answer(completed_by, task_id, found=found)
    first = _create_first(task, completed_by, store_first, **fields_for(task, role))
    return (first, True) if first else _submit_locked(task_id, completed_by, fields_for)


@transaction.atomic
def _submit_locked(
    task_id: int, completed_by: User, fields_for: Callable[[Task, str], dict[str, Any]]
) -> tuple[Completion, bool]:
    task, role = lock_task_as(completed_by, task_id)
    return _create(task, completed_by, **fields_for(task, role))


def _create_first(
    task: Task,
    completed_by: User,
    store: StoreFirst,
    *,
    client_id: UUID | None = None,
    session: UUID | None = None,
    **fields: Any,
) -> Completion | None:
    """Store the first answer to a task that is not locked; None when the task must be locked for it."""
    if not is_unanswered(task) or is_recorded(_created(0, task)):
        return None
    check_fields(fields)
    require_labeling(task.project)
    columns = _columns(task, fields, _checked(task, fields))
    completion = insert_first_completion(
        task=task, completed_by=completed_by, client_id=client_id, session=session, store=store, **columns
    )
    if completion is not None:
        publish(_created(completion.pk, task))
    return completion


def _create(
    task: Task,
    completed_by: User,
    *,
    client_id: UUID | None = None,
    session: UUID | None = None,
    action: CompletionAction | None = None,
    **fields: Any,
) -> tuple[Completion, bool]:
    """Store an answer to a locked task, unless it is stored already."""
    check_fields(fields)
    checked = _checked(task, fields)
    was_answered = task.completions_count or task.skips_count
    if client_id and was_answered and (stored := _of_client_id().first(client_id=client_id)):
        _check_same(stored, task, completed_by, checked.result)
        stored.task = task
        return stored, False
    require_labeling(task.project)
    columns = _columns(task, fields, checked, action)
    completion = insert_completion(
        task=task, completed_by=completed_by, client_id=client_id, session=session, **columns
    )
    if completion is None:
        raise _client_id_reused()
    publish(_created(completion.pk, task))
    return completion, True


def _columns(
    task: Task, fields: dict[str, Any], checked: CheckedResult, action: CompletionAction | None = None
) -> dict[str, Any]:
    submitted = CompletionAction.SKIPPED if fields.get("was_cancelled") else CompletionAction.SUBMITTED
    return {**fields, **_judged(task, checked), "last_action": str(action or submitted)}


def _created(completion_id: int, task: Task) -> CompletionChanged:
    return CompletionChanged(completion_id, task.pk, task.project_id, "created")


@cache
def _of_client_id() -> CompiledQuery[Completion]:
    return CompiledQuery("completion_of_client_id", Completion.objects.filter(client_id=uuid("client_id")))


def check_fields(fields: dict[str, Any]) -> None:
    """Let fields pass that can be stored, whatever the task is.

    Raises:
        ValidationFailed: naming the field.
    """
    if unknown := fields.keys() - CHANGEABLE:
        raise ValidationFailed(f"A completion has no field named {', '.join(sorted(unknown))}.")
    problems = check_result_shape(fields["result"]) if "result" in fields else []
    if problems:
        raise ValidationFailed(
            f"The completion cannot be stored: {problems[0]}.", fields={"result": problems}
        )
    check_lead_time(fields.get("lead_time"))


def _checked(task: Task, fields: dict[str, Any], *, was_cancelled: bool = False) -> CheckedResult:
    """Check a result against the config of the project as the task's lock found it: text and version go together."""
    return checked_result(
        model_of(task.project.label_config), fields.get("result", []), task.data,
        was_cancelled=fields.get("was_cancelled", was_cancelled),
    )  # fmt: skip


def _judged(task: Task, checked: CheckedResult) -> dict[str, Any]:
    """Return a checked result as the columns of a completion, or refuse it where the project is strict."""
    if task.project.strict_results:
        refuse_warnings(checked.warnings)
    return {
        "result": checked.result,
        "warnings": checked.warnings,
        "config_version": task.project.config_version,
    }


def _check_same(stored: Completion, task: Task, person: User, result: list[dict[str, Any]]) -> None:
    """Let a submit pass that is the one which made `stored`, whatever became of the result since."""
    submitted = stored.result
    if stored.version > 1:
        first = Revision.objects.filter(completion_id=stored.pk, version=1)
        submitted = first.values_list("result", flat=True).first()
    mine = stored.task_id == task.pk and stored.completed_by_id == person.pk
    if not mine or submitted != result:
        raise _client_id_reused()


def _client_id_reused() -> ClientIdReused:
    return ClientIdReused(
        "This unique_id was used for another completion. Send a new UUID, or PATCH the stored completion."
    )


@transaction.atomic
def update_completion(
    *,
    completion_id: int,
    updated_by: User,
    version: int | None = None,
    client_id: UUID | None = None,
    session: UUID | None = None,
    **fields: Any,
) -> Completion:
    """Change the given fields of a completion; what it said before is kept as a revision.

    A new `result` comes from the person's draft of this completion, if there is one: it goes, and its time counts.

    Args:
        version: the version the change started from; None changes whatever is there.
        client_id: names this change, so that sending it again returns the completion as it is by then.
        session: as for `create_completion`.

    Raises:
        NotFound: it was deleted.
        NotAllowed: the project is archived.
        StaleVersion: it has a later version than `version`.
        ClientIdReused: `client_id` belongs to another change.
        ValidationFailed: as for `create_completion`; then nothing is changed.
    """
    check_fields(fields)
    task, completion = lock_completion(completion_id)
    # Clients that send back the whole document name the completion itself, not this change.
    named = client_id if client_id != completion.client_id else None
    sent = SentChange.of(named, {**fields, "version": version}) if named else None
    if sent and sent.was_carried_out(completion.pk):
        return completion
    require_labeling(task.project)
    require_version(completion, version)
    if "result" in fields or "lead_time" in fields:
        draft = take_draft(completion, updated_by) if "result" in fields else None
        fields |= total_lead_time(fields, session, draft, completion.lead_time)
    return change_locked(task, completion, fields=fields, changed_by=updated_by, sent=sent)


def change_locked(
    task: Task,
    completion: Completion,
    *,
    fields: dict[str, Any],
    changed_by: User,
    action: CompletionAction | None = None,
    sent: SentChange | None = None,
) -> Completion:
    """Make the next version of a completion whose task is locked; where nothing changes, the present one stays.

    Another answer than the one that was reviewed has no verdict.

    Raises:
        ValidationFailed: the result does not fit the config of a project with `strict_results`.
    """
    if "result" in fields:
        checked = _checked(task, fields, was_cancelled=completion.was_cancelled)
        fields = fields | _judged(task, checked)
    changed = {name for name, value in fields.items() if getattr(completion, name) != value}
    if not changed and sent is None:
        return completion
    if _REVIEWED & changed:  # a verdict was on what it said before
        fields = fields | _NOT_REVIEWED
    keep_versions([completion.pk], sent)
    completion.last_action = str(action or _action_of(changed, fields))
    for name, value in fields.items():
        setattr(completion, name, value)
    completion.version += 1
    completion.updated_by, completion.updated_at = changed_by, timezone.now()
    completion.save(update_fields=[*fields, "version", "last_action", "updated_by", "updated_at"])
    recount(task, changed_by)
    publish(CompletionChanged(completion.pk, task.pk, task.project_id, "updated"))
    return completion


def _action_of(changed: set[str], fields: dict[str, Any]) -> CompletionAction:
    if "was_cancelled" in changed:
        return CompletionAction.SKIPPED if fields["was_cancelled"] else CompletionAction.UNSKIPPED
    if changed == {"ground_truth"}:
        marked = fields["ground_truth"]
        return CompletionAction.GROUND_TRUTH_SET if marked else CompletionAction.GROUND_TRUTH_UNSET
    return CompletionAction.UPDATED


@transaction.atomic
def delete_completion(*, completion_id: int, deleted_by: User, version: int | None = None) -> None:
    """Delete a completion; its task may become unlabeled again. What it said is kept, and can be restored.

    Args:
        version: the version that is to be deleted; None deletes whatever is there.

    Raises:
        NotFound: it was deleted already.
        NotAllowed: the project is archived.
        StaleVersion: it has a later version than `version`.
    """
    task, completion = lock_completion(completion_id)
    require_labeling(task.project)
    require_version(completion, version)
    delete_locked(task, completion, deleted_by=deleted_by)


def delete_locked(task: Task, completion: Completion, *, deleted_by: User) -> None:
    """Delete a completion whose task is locked."""
    keep_deleted(completion, deleted_by)
    completion_id = completion.pk
    completion.delete()
    recount(task, deleted_by)
    publish(CompletionChanged(completion_id, task.pk, task.project_id, "deleted"))
