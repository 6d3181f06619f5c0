"""Keeps leases alive and gives them back; `apps.tasks.next_task` hands them out."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.tasks.locks import lock_task
from apps.tasks.models import Lease

# Whoever works on a task keeps the one that was reserved besides it as well.
_RENEW = """
WITH mine AS (
    SELECT l.id FROM tasks_lease l
    WHERE l.user_id = %(user)s AND l.expires_at >= now() AND l.project_id = (
        SELECT project_id FROM tasks_lease
        WHERE task_id = %(task)s AND user_id = %(user)s AND expires_at >= now()
    )
    ORDER BY l.id FOR NO KEY UPDATE
), renewed AS (
    UPDATE tasks_lease l SET expires_at = now() + %(lifetime)s::interval
    FROM mine WHERE l.id = mine.id
    RETURNING l.task_id, l.expires_at
)
SELECT expires_at FROM renewed WHERE task_id = %(task)s
"""

# For a task that is locked: nobody is handed a slot of it at this moment.
_TAKE_AGAIN = """
UPDATE tasks_lease mine SET expires_at = now() + %(lifetime)s::interval
FROM tasks_task t
WHERE mine.task_id = %(task)s AND mine.user_id = %(user)s AND t.id = mine.task_id
  AND (mine.is_comparison OR NOT t.is_labeled AND t.overlap - t.answers_count > (
      SELECT count(*) FROM tasks_lease l
      WHERE l.task_id = t.id AND l.id <> mine.id AND l.expires_at >= now()
  ))
RETURNING mine.expires_at
"""


KEPT_EXPIRED = timedelta(days=1)
"""How long a lease that ran out is kept, so that its person can take it again."""


class LeaseGone(NotFound):
    """The task is no longer reserved for this person; the message says why."""


def renew_lease(*, task_id: int, user: User) -> datetime:
    """Prolong this person's reservation of a task, and of what else they hold in the project; return until when.

    One that ran out comes back while its slot is free, as when a laptop wakes up.

    Raises:
        LeaseGone: they hold none (any more); `reason` is "labeled", "taken" or "none".
    """
    values: dict[str, int | str] = {"task": task_id, "user": user.pk, "lifetime": str(settings.TASK_LEASE)}
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, values)
        row = cursor.fetchone()
    return row[0] if row else _take_again(values)


@transaction.atomic
def _take_again(values: dict[str, int | str]) -> datetime:
    task = lock_task(int(values["task"]))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_AGAIN, values)
        row = cursor.fetchone()
    if row is not None:
        expires_at: datetime = row[0]
        return expires_at
    if task.is_labeled:
        raise _gone("labeled", "Meanwhile this task got all the answers it needs.")
    if Lease.objects.filter(task=task, user_id=values["user"]).exists():
        raise _gone("taken", "Your reservation of this task ran out, and somebody else got the task.")
    raise _gone("none", "You hold no reservation of this task, or it ran out and somebody else got the task.")


def _gone(reason: str, message: str) -> LeaseGone:
    return LeaseGone(f"{message} Ask for the next task.", details={"reason": reason})


def release_lease(*, task_id: int, user_id: int) -> None:
    """Give this person's slot of a task back."""
    Lease.objects.filter(task_id=task_id, user_id=user_id).delete()


def delete_expired_leases() -> int:
    """Delete leases that ran out long ago, and that nobody was in need of since; return how many there were."""
    deleted, _ = Lease.objects.filter(expires_at__lt=Now() - KEPT_EXPIRED).delete()
    return deleted
