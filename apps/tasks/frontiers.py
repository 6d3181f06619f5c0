"""How far somebody has answered everything that is open in a project, so that the end of a queue is told at once.

With overlap, what one person has answered stays open for others. Whoever comes to the end of such a queue would have
all their own open answers passed over at each question. So the number of the first open task without an answer of
theirs is remembered: everything open before it has one. That stays true but for tasks that came since, are to label
again or lost an answer; the database notes those (migration 0005), each with the transaction that did it, so that
what a remembered look did not see is known exactly.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import cache
from hashlib import blake2s
from typing import cast

from django.db import connection
from redis.exceptions import RedisError

from apps.accounts.models import User
from apps.core.prepared import Prepared
from apps.core.redis import redis_client
from apps.projects.models import HandingOut, Project

logger = logging.getLogger(__name__)

KEPT = timedelta(minutes=10)
NOTES_KEPT = timedelta(days=1)
"""Longer than `KEPT` and any transaction."""

_FROM = """
least(%(frontier)s::bigint, (
    SELECT min(r.inner_id) FROM tasks_return r
    WHERE r.project_id = %(project)s::bigint AND r.written_by >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot)
      AND NOT pg_visible_in_snapshot(r.written_by, %(snapshot)s::pg_snapshot)
))
"""
# Two of them: one may be the task that the person has in hand. Where all are answered, the frontier is behind the last.
_FIRST_UNANSWERED = """
WITH open AS MATERIALIZED (
    SELECT t.inner_id, t.id FROM tasks_task t
    WHERE t.project_id = %(project)s::bigint AND NOT t.is_labeled AND t.inner_id >= {begin} AND NOT EXISTS (
        SELECT FROM completions_completion c
        WHERE c.task_id = t.id AND c.completed_by_id = %(user)s::bigint {answered}
    )
    ORDER BY t.inner_id LIMIT 2
)
SELECT pg_current_snapshot()::text, ARRAY(SELECT id FROM open), coalesce(
    (SELECT min(inner_id) FROM open),
    (SELECT max(inner_id) + 1 FROM tasks_task WHERE project_id = %(project)s::bigint AND NOT is_labeled), 0)
"""


@cache
def _first_unanswered(answered: str, is_known: bool) -> Prepared:
    begin = _FROM if is_known else "0"
    return Prepared("first_unanswered", _FIRST_UNANSWERED.format(begin=begin, answered=answered))


def has_answered_everything(project: Project, user: User, *, answered: str, besides: int | None) -> bool:
    """Whether every open task of `project` has an answer by `user`, so that a walk over them would be in vain.

    Args:
        answered: which of their answers close a task for them, as a condition on `c` with its AND.
        besides: a task that does not count.
    """
    if project.handing_out == HandingOut.ASSIGNED_ONLY:
        return False  # there is an index of what waits for them
    key = _key(project, user, answered)
    known = _remembered(key)
    snapshot, frontier = known or ("", 0)
    found = _first_unanswered(answered, known is not None).row(
        project=project.pk, user=user.pk, snapshot=snapshot, frontier=frontier
    )
    if found is None:  # never: the statement has one row
        return False
    snapshot, unanswered, frontier = found
    _remember(key, snapshot, frontier)
    return set(unanswered) <= {besides}


def _key(project: Project, user: User, answered: str) -> str:
    rule = blake2s(answered.encode(), digest_size=4).hexdigest()
    return f"label-studio:frontier:{project.pk}:{user.pk}:{rule}"


def _remembered(key: str) -> tuple[str, int] | None:
    try:
        stored = cast("bytes | None", redis_client().get(key))
    except RedisError:
        logger.warning("How far somebody has answered could not be read", exc_info=True)
        return None
    if stored is None:
        return None
    snapshot, _, frontier = stored.decode().partition(" ")
    return snapshot, int(frontier)


def _remember(key: str, snapshot: str, frontier: int) -> None:
    try:
        redis_client().set(key, f"{snapshot} {frontier}", ex=KEPT)
    except RedisError:
        logger.warning("How far somebody has answered could not be remembered", exc_info=True)


def forget_returns() -> int:
    """Delete the notes of tasks that came back to a queue longer ago than anybody remembers; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tasks_return WHERE noted_at < now() - %s::interval", [str(NOTES_KEPT)])
        return int(cursor.rowcount)
