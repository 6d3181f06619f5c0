"""Drafts: unsubmitted work, saved as a person goes on, one a person and completion."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.models import User
from apps.completions.lead_times import DraftTime, check_lead_time
from apps.completions.models import Completion, Draft
from apps.core.errors import NotFound, ProductError, ValidationFailed
from apps.core.json import dumps
from apps.labeling.results import check_result_shape
from apps.tasks.locks import lock_task

# The draft of a session that goes on keeps what was spent before it; a new session begins at what is there.
_SAVE = """
INSERT INTO completions_draft AS draft (
    task_id, user_id, completion_id, completion_version, result, earlier_lead_time, lead_time, session, client_id
)
SELECT %(task)s, %(user)s, %(completion)s::bigint, %(version)s::int, %(result)s::jsonb, spent.earlier,
       CASE WHEN %(session)s::uuid IS NULL THEN %(lead_time)s::float8
            ELSE spent.earlier + coalesce(%(lead_time)s::float8, 0) END,
       %(session)s::uuid, %(client_id)s::uuid
FROM (
    SELECT coalesce((
        SELECT lead_time FROM completions_completion WHERE id = %(completion)s AND %(session)s::uuid IS NOT NULL
    ), 0) AS earlier
) spent
WHERE {not_submitted}
ON CONFLICT (task_id, user_id, completion_id) DO UPDATE SET {changes}
RETURNING draft.*, xmax = 0 AS is_new
"""
_EARLIER = """CASE WHEN draft.session = %(session)s::uuid THEN draft.earlier_lead_time
                   ELSE coalesce(draft.lead_time, 0) END"""
_CHANGES = f"""
    result = coalesce(%(result)s::jsonb, draft.result),
    completion_version = coalesce(%(version)s::int, draft.completion_version),
    earlier_lead_time = CASE WHEN %(session)s::uuid IS NULL THEN 0 ELSE {_EARLIER} END,
    lead_time = CASE WHEN %(session)s::uuid IS NULL THEN coalesce(%(lead_time)s::float8, draft.lead_time)
                     ELSE {_EARLIER} + coalesce(%(lead_time)s::float8, 0) END,
    session = %(session)s::uuid,
    client_id = coalesce(%(client_id)s::uuid, draft.client_id),
    updated_at = now()
"""
_CHANGE = f"""
UPDATE completions_draft draft SET {_CHANGES} WHERE id = %(draft)s AND user_id = %(user)s RETURNING draft.*
"""  # noqa: S608 - its parts stand above

# Submitting a new completion stores its client id with it; changing one stores that of the change.
_NOT_SUBMITTED = "NOT EXISTS (SELECT FROM completions_completion WHERE client_id = %(client_id)s::uuid)"
_NOT_CHANGED = "NOT EXISTS (SELECT FROM completions_revision WHERE client_id = %(client_id)s::uuid)"
_SAVE_NEW = _SAVE.format(not_submitted=_NOT_SUBMITTED, changes=_CHANGES)
_SAVE_CHANGE = _SAVE.format(not_submitted=_NOT_CHANGED, changes=_CHANGES)


class AlreadySubmitted(ProductError):
    """The work that a draft came from was submitted before the draft arrived: there is nothing left to save."""

    status_code = 410


@transaction.atomic
def save_draft(
    *,
    task_id: int,
    user: User,
    result: list[dict[str, Any]],
    completion_id: int | None = None,
    version: int | None = None,
    lead_time: float | None = None,
    session: UUID | None = None,
    client_id: UUID | None = None,
) -> tuple[Draft, bool]:
    """Save a person's work on a task over what was saved of it before; return it with whether it is the first.

    The task's lock makes it wait for a submit that is under way, so that a draft which was sent before it and arrives
    after it is told from new work: by the `client_id` under which both send the same work. It is saved in an archived
    project too: who had the page open when the project was archived loses nothing.

    Args:
        completion_id: the completion of the task that is being changed; None for a new one.
        version: the version of it that the work started from.
        lead_time: in seconds; `session` as in `apps.completions.lead_times`.

    Raises:
        NotFound: the task, or its completion, is gone.
        ValidationFailed: `result` is no list of objects, or `lead_time` no number of seconds.
        AlreadySubmitted: the work was submitted under this `client_id`.
    """
    _check(result, lead_time)
    lock_task(task_id)
    if completion_id and not Completion.objects.filter(pk=completion_id, task_id=task_id).exists():
        raise NotFound(f"Task {task_id} has no completion {completion_id}.")
    saved = Draft.objects.raw(
        _SAVE_CHANGE if completion_id else _SAVE_NEW,
        _parameters(result, version, lead_time, session, client_id)
        | {"task": task_id, "user": user.pk, "completion": completion_id},
    )
    for draft in saved:
        return draft, draft.is_new
    raise AlreadySubmitted("This work was submitted already; the draft is not kept.")


@transaction.atomic
def change_draft(
    *,
    draft_id: int,
    user: User,
    result: list[dict[str, Any]] | None = None,
    version: int | None = None,
    lead_time: float | None = None,
    session: UUID | None = None,
    client_id: UUID | None = None,
) -> Draft:
    """Save a person's work over a draft of theirs that is there; what is None stays.

    Raises:
        NotFound: there is no such draft of theirs (any more): the work was submitted, or the draft deleted.
        ValidationFailed: as for `save_draft`.
    """
    _check(result, lead_time)
    parameters = _parameters(result, version, lead_time, session, client_id)
    for draft in Draft.objects.raw(_CHANGE, parameters | {"draft": draft_id, "user": user.pk}):
        return draft
    raise NotFound(f"There is no draft {draft_id} of yours: it was submitted or deleted.")


def _check(result: list[dict[str, Any]] | None, lead_time: float | None) -> None:
    problems = [] if result is None else check_result_shape(result)
    if problems:
        raise ValidationFailed(f"The draft cannot be saved: {problems[0]}.", fields={"result": problems})
    check_lead_time(lead_time)


def _parameters(
    result: list[dict[str, Any]] | None,
    version: int | None,
    lead_time: float | None,
    session: UUID | None,
    client_id: UUID | None,
) -> dict[str, Any]:
    return {
        "result": None if result is None else dumps(result).decode(),
        "version": version,
        "lead_time": lead_time,
        "session": session,
        "client_id": client_id,
    }


def take_draft(completion: Completion, user: User) -> DraftTime | None:
    """Delete a person's draft of a completion, whose work is being saved now; return what it knew of the time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM completions_draft WHERE task_id = %s AND user_id = %s AND completion_id = %s"
            " RETURNING lead_time, earlier_lead_time, session",
            [completion.task_id, user.pk, completion.pk],
        )
        row = cursor.fetchone()
    return DraftTime(*row) if row else None


def delete_draft(*, draft_id: int, user: User) -> None:
    """Throw a person's draft away.

    Raises:
        NotFound: there is no such draft of theirs (any more).
    """
    deleted, _ = Draft.objects.for_user(user).filter(pk=draft_id).delete()
    if not deleted:
        raise NotFound(f"There is no draft {draft_id} of yours: it was submitted or deleted.")
