"""What changes completions; each keeps the task's counters, its lease and the project's totals in one transaction."""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.completions.checking import CheckedResult, checked_result, refuse_warnings
from apps.completions.events import CompletionChanged
from apps.completions.models import Completion
from apps.core.errors import NotFound, ProductError, ValidationFailed
from apps.core.events import publish
from apps.labeling.results import check_result_shape
from apps.projects.archiving import require_labeling
from apps.projects.config_changes import model_of
from apps.tasks.counters import Answers, store_answers
from apps.tasks.locks import lock_task
from apps.tasks.models import Task
from apps.tasks.next_task import release_lease

CHANGEABLE = frozenset(
    {"result", "was_cancelled", "ground_truth", "lead_time", "parent_prediction", "parent_completion"}
)
"""What a client may give on creation and change later."""


class ClientIdReused(ProductError):
    """A second, different completion came under the client id of a stored one."""

    status_code = 422


@transaction.atomic
def create_completion(
    *, task_id: int, completed_by: User, client_id: UUID | None = None, **fields: Any
) -> tuple[Completion, bool]:
    """Store an answer (or, with `was_cancelled`, a skip) and return it with whether it is new.

    The same `client_id` sent again by the same person for the same task returns the stored completion, so a client
    that got no answer may repeat its request. How the result does not fit the project's labeling config is kept as
    the completion's `warnings`, with the version of that config.

    Args:
        fields: any of `CHANGEABLE`; `lead_time` in seconds.

    Raises:
        NotAllowed: the project is archived.
        ValidationFailed: `result` is no list of objects, or does not fit the config of a project with
            `strict_results`; or `lead_time` is no number of seconds.
        ClientIdReused: `client_id` belongs to another completion.
    """
    _check(fields)
    task = lock_task(task_id)
    checked = _checked(task, fields)
    if client_id and (stored := Completion.objects.filter(client_id=client_id).first()):
        _check_same(stored, task, completed_by, checked.result)
        return stored, False
    require_labeling(task.project)
    fields |= _judged(task, checked)
    now = timezone.now()
    completion = Completion.objects.create(
        task=task, project_id=task.project_id, completed_by=completed_by, updated_by=completed_by,
        client_id=client_id, created_at=now, updated_at=now, **fields,
    )  # fmt: skip
    _recount(task, completed_by)
    release_lease(task_id=task.pk, user_id=completed_by.pk)
    publish(CompletionChanged(completion.pk, task.pk, task.project_id, "created"))
    return completion, True


def _check(fields: dict[str, Any]) -> None:
    if unknown := fields.keys() - CHANGEABLE:
        raise ValidationFailed(f"A completion has no field named {', '.join(sorted(unknown))}.")
    problems = check_result_shape(fields["result"]) if "result" in fields else []
    if problems:
        raise ValidationFailed(
            f"The completion cannot be stored: {problems[0]}.", fields={"result": problems}
        )
    lead_time = fields.get("lead_time")
    if lead_time is not None and not (math.isfinite(lead_time) and lead_time >= 0):
        message = "lead_time must be a number of seconds, 0 or more."
        raise ValidationFailed(message, fields={"lead_time": [message]})


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
    mine = stored.task_id == task.pk and stored.completed_by_id == person.pk
    if not mine or stored.result != result:
        raise ClientIdReused(
            "This unique_id was used for another completion. Send a new UUID, or PATCH the stored completion."
        )


@transaction.atomic
def update_completion(*, completion_id: int, updated_by: User, **fields: Any) -> Completion:
    """Change the given fields of a completion.

    Raises:
        NotFound: it was deleted.
        NotAllowed: the project is archived.
        ValidationFailed: as for `create_completion`; then nothing is changed.
    """
    _check(fields)
    task, completion = _lock(completion_id)
    require_labeling(task.project)
    if "result" in fields:
        checked = _checked(task, fields, was_cancelled=completion.was_cancelled)
        fields |= _judged(task, checked)
    for name, value in fields.items():
        setattr(completion, name, value)
    completion.updated_by, completion.updated_at = updated_by, timezone.now()
    completion.save(update_fields=[*fields, "updated_by", "updated_at"])
    _recount(task, updated_by)
    publish(CompletionChanged(completion.pk, task.pk, task.project_id, "updated"))
    return completion


@transaction.atomic
def delete_completion(*, completion_id: int, deleted_by: User) -> None:
    """Delete a completion; its task may become unlabeled again.

    Raises:
        NotFound: it was deleted already.
        NotAllowed: the project is archived.
    """
    task, completion = _lock(completion_id)
    require_labeling(task.project)
    completion.delete()
    _recount(task, deleted_by)
    publish(CompletionChanged(completion_id, task.pk, task.project_id, "deleted"))


def _lock(completion_id: int) -> tuple[Task, Completion]:
    """Lock a completion's task first, as every writer of answers does, and read the completion under that lock."""
    task_id = Completion.objects.filter(pk=completion_id).values_list("task_id", flat=True).first()
    if task_id is None:
        raise NotFound(f"There is no completion {completion_id}.")
    task = lock_task(task_id)
    completion: Completion | None = Completion.objects.filter(pk=completion_id).first()
    if completion is None:
        raise NotFound(f"There is no completion {completion_id}.")
    return task, completion


_COUNT_ANSWERS = """
SELECT count(*) FILTER (WHERE NOT was_cancelled), count(*) FILTER (WHERE was_cancelled),
       count(DISTINCT coalesce(completed_by_id, -id)) FILTER (WHERE NOT was_cancelled),
       count(DISTINCT coalesce(completed_by_id, -id)), count(*) FILTER (WHERE ground_truth)
FROM completions_completion WHERE task_id = %s
"""


def _recount(task: Task, person: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_ANSWERS, [task.pk])
        answers = Answers(*cursor.fetchone())
    store_answers(task, answers, skip_rule=task.project.skip_rule, updated_by_id=person.pk)
