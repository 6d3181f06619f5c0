"""Hands out the next task in one statement, which never gives one slot to two people.

The statement renews the lease this person holds already. Else it walks the partial index of the project's order
over what is not labeled yet, passes over rows that others have locked, tasks this person has answered and tasks
whose slots are all taken, and inserts a lease. Two people who read the same free slot at the same moment meet at
the unique constraint (task, slot): one inserts, the other gets no row and asks again.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.db import IntegrityError, connection, transaction
from psycopg2.errors import UniqueViolation

from apps.accounts.models import User
from apps.core.prepared import Prepared
from apps.projects.models import Project, Sampling, SkipRule
from apps.tasks.models import Lease

LEASE_LIFETIME = timedelta(minutes=30)
ATTEMPTS = 20
"""How often a lost race for a slot is run again; each loss means that somebody else got a task."""


@dataclass(frozen=True, slots=True)
class _Walk:
    """One walk over one partial index: which of the unlabeled tasks, in which order."""

    order: str
    condition: str = ""


# The keys of the partial indexes; `inner_id` rather than `id`, whose primary key would tempt the planner into
# walking over all that is labeled.
_SEQUENTIAL = _Walk("t.inner_id")
_UNIFORM = _Walk("t.sample_key")
_SCORED = "AND t.prediction_score IS NOT NULL"
# Tasks without a score come last, in their sequence.
_WALKS: dict[str, tuple[_Walk, ...]] = {
    Sampling.SEQUENTIAL: (_SEQUENTIAL,),
    Sampling.UNIFORM: (_UNIFORM,),
    Sampling.PREDICTION_SCORE_MIN: (_Walk("t.prediction_score, t.id", _SCORED), _SEQUENTIAL),
    Sampling.PREDICTION_SCORE_MAX: (_Walk("t.prediction_score DESC, t.id DESC", _SCORED), _SEQUENTIAL),
}

# With overlap, what one person has answered stays open for others and piles up at the front of the order. So the
# walk begins behind their latest answer, and only when nothing is left there, at the front.
_BEHIND_LATEST_ANSWER = """
    AND {key} > coalesce((
        SELECT {latest_key} FROM completions_completion c JOIN tasks_task latest ON latest.id = c.task_id
        WHERE c.project_id = %(project)s AND c.completed_by_id = %(user)s
        ORDER BY c.created_at DESC LIMIT 1
    ), -1)
"""


def _behind_latest_answer(walk: _Walk) -> _Walk:
    condition = _BEHIND_LATEST_ANSWER.format(key=walk.order, latest_key=walk.order.replace("t.", "latest."))
    return _Walk(walk.order, condition)


_WALKS_WITH_OVERLAP = _WALKS | {
    Sampling.SEQUENTIAL: (_behind_latest_answer(_SEQUENTIAL), _SEQUENTIAL),
    Sampling.UNIFORM: (_behind_latest_answer(_UNIFORM), _UNIFORM),
}

# A lease is taken on the lowest free slot, so slots 0 … slot-1 are leased; that the leases are fewer than the
# answers still missing then holds for the slot too, also when the row changed before it was locked.
_RESERVE = """
WITH held AS (
    SELECT l.id, l.task_id
    FROM tasks_lease l JOIN tasks_task t ON t.id = l.task_id
    WHERE l.project_id = %(project)s AND l.user_id = %(user)s AND l.expires_at >= now() AND NOT t.is_labeled
    ORDER BY l.id
    LIMIT 1
), renewed AS (
    UPDATE tasks_lease l SET expires_at = now() + %(lifetime)s::interval
    FROM held WHERE l.id = held.id
    RETURNING l.task_id
), candidate AS (
    SELECT t.id, (
        SELECT min(free.slot) FROM generate_series(0, t.overlap - 1) AS free (slot)
        WHERE NOT EXISTS (
            SELECT FROM tasks_lease l WHERE l.task_id = t.id AND l.slot = free.slot AND l.expires_at >= now()
        )
    ) AS slot
    FROM tasks_task t
    WHERE t.project_id = %(project)s AND NOT t.is_labeled {condition}
      AND NOT EXISTS (SELECT FROM held)
      AND (SELECT count(*) FROM tasks_lease l WHERE l.task_id = t.id AND l.expires_at >= now())
          < t.overlap - t.answers_count
      AND NOT EXISTS (
          SELECT FROM completions_completion c
          WHERE c.task_id = t.id AND c.completed_by_id = %(user)s {answered}
      )
    ORDER BY {order}
    LIMIT 1
    FOR NO KEY UPDATE OF t {if_locked}
), taken AS (
    INSERT INTO tasks_lease AS lease (task_id, project_id, user_id, slot, expires_at)
    SELECT id, %(project)s, %(user)s, slot, now() + %(lifetime)s::interval FROM candidate
    ON CONFLICT (task_id, slot) DO UPDATE
        SET user_id = excluded.user_id, expires_at = excluded.expires_at WHERE lease.expires_at < now()
    RETURNING task_id
)
SELECT (SELECT task_id FROM renewed), (SELECT task_id FROM taken), (SELECT id FROM candidate)
"""

_WAIT = ""
"""Before anybody is told that nothing is left, rows that were locked at that moment are waited for and looked at."""


def reserve_next(*, project: Project, user: User) -> int | None:
    """Reserve the next task of `project` for `user` and return its id; None when there is none for them now.

    Somebody who asks again before answering gets the same task, with a fresh lease.
    """
    walks = (_WALKS_WITH_OVERLAP if project.overlap > 1 else _WALKS)[project.sampling]
    answered_rules = [""]
    if project.skip_rule == SkipRule.REQUEUE_FOR_ME:
        answered_rules.append("AND NOT c.was_cancelled")
    for answered in answered_rules:
        for walk in walks:
            for if_locked in ("SKIP LOCKED", _WAIT):
                task_id = _reserve(project, user, walk, answered, if_locked)
                if task_id is not None:
                    return task_id
    return None


def _reserve(project: Project, user: User, walk: _Walk, answered: str, if_locked: str) -> int | None:
    statement = _statement(walk, answered, if_locked)
    for _ in range(ATTEMPTS):
        try:
            with _undone_alone():
                ((held, taken, candidate),) = statement.rows(
                    project=project.pk, user=user.pk, lifetime=str(LEASE_LIFETIME)
                )
        except IntegrityError as error:
            if not isinstance(error.__cause__, UniqueViolation):
                raise
            # An expired lease of this person stands in the way of the new one.
            purge_expired_leases(project_id=project.pk)
            continue
        if held or taken or not candidate:
            return int(held or taken) if held or taken else None
    return None


@cache
def _statement(walk: _Walk, answered: str, if_locked: str) -> Prepared:
    """Return the reservation of one walk; planning it takes three times as long as carrying it out."""
    parts = {"order": walk.order, "condition": walk.condition, "answered": answered, "if_locked": if_locked}
    return Prepared("reserve", _RESERVE.format(**parts))


def _undone_alone() -> AbstractContextManager[None]:
    """Let one statement fail without what came before: a savepoint where there is a transaction already."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def purge_expired_leases(*, project_id: int) -> None:
    """Delete the leases of a project that have run out."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tasks_lease WHERE project_id = %s AND expires_at < now()", [project_id])


def renew_lease(*, task_id: int, user: User) -> datetime | None:
    """Prolong this person's lease of a task; None when they hold none (any more)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tasks_lease SET expires_at = now() + %s::interval"
            " WHERE task_id = %s AND user_id = %s RETURNING expires_at",
            [str(LEASE_LIFETIME), task_id, user.pk],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def release_lease(*, task_id: int, user_id: int) -> None:
    """Give this person's slot of a task back."""
    Lease.objects.filter(task_id=task_id, user_id=user_id).delete()
