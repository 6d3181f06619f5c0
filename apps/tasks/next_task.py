"""Hands out the next task in one statement, which never gives one slot to two people.

The statement renews the lease this person holds already. Else it walks an index (`apps.tasks.walks`), passes over rows
that others have locked, tasks this person has answered and tasks whose slots are all taken, and inserts a lease. Two
people who read the same free slot at the same moment meet at the unique constraint (task, slot): one inserts, the
other gets no row and asks again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from django.conf import settings

from apps.accounts.models import User
from apps.core.compiled_queries import CompiledQuery
from apps.core.prepared import Prepared
from apps.projects.models import Project, SkipRule
from apps.tasks.frontiers import has_answered_everything
from apps.tasks.walks import COMPARISON, Walk, chosen_walk, quick_walks, thorough_walks

ATTEMPTS = 20
"""How often a lost race for a slot is run again; each loss means that somebody else got a task."""

_LEASES_HELD = """
FROM tasks_lease l JOIN tasks_task t ON t.id = l.task_id
WHERE l.project_id = %(project)s AND l.user_id = %(user)s AND l.expires_at >= now()
  AND (NOT t.is_labeled OR l.is_comparison) AND l.task_id <> %(besides)s::bigint {walk.held}
"""
_HELD = f"""
WITH held AS (
    SELECT l.id, l.task_id {_LEASES_HELD} ORDER BY l.id LIMIT 1
), renewed AS (
    UPDATE tasks_lease l SET expires_at = now() + %(lifetime)s::interval
    FROM held WHERE l.id = held.id
    RETURNING l.task_id
)
"""  # noqa: S608 - its parts are constants
_UNANSWERED = """
NOT EXISTS (
    SELECT FROM completions_completion c WHERE c.task_id = t.id AND c.completed_by_id = %(user)s {answered}
)
"""
_COLUMNS = """
t.id, {walk.slot} AS slot,
(SELECT count(*) FROM tasks_lease l WHERE l.task_id = t.id AND l.expires_at < now()) AS expired
"""

_FIRST_UNLOCKED = f"""
candidate AS (
    SELECT {_COLUMNS}
    FROM {{walk.source}}
    WHERE {{walk.condition}} AND t.id <> %(besides)s::bigint AND NOT EXISTS (SELECT {{held}})
      AND {{walk.room}} AND {_UNANSWERED}
    ORDER BY {{walk.order}}
    LIMIT 1
    FOR NO KEY UPDATE OF t SKIP LOCKED
)
"""  # noqa: S608 - its parts stand above
# Looks without locking first: that nothing is chosen means that nothing is left, whatever others hold locked at the
# moment. Who waits for a row holds no other one, so that nobody waits for each other. Where one's own answers are all
# there is, OFFSET keeps the planner from counting the leases of each of those tasks.
_FIRST_OF_ALL = f"""
, chosen AS MATERIALIZED (
    SELECT t.id, row_number() OVER () AS place
    FROM (
        SELECT t.id
        FROM (
            SELECT t.id, t.overlap, t.answers_count, t.is_assigned FROM {{walk.source}}
            WHERE {{walk.condition}} AND t.id <> %(besides)s::bigint AND NOT EXISTS (SELECT FROM held)
              AND {_UNANSWERED}
            ORDER BY {{walk.order}}
            OFFSET 0
        ) t
        WHERE {{walk.room}}
        LIMIT {{looked_at}}
    ) t
), candidate AS (
    SELECT {_COLUMNS}
    FROM chosen JOIN tasks_task t ON t.id = chosen.id
    WHERE NOT t.is_labeled AND {{walk.room}} AND {_UNANSWERED}
    ORDER BY chosen.place
    LIMIT 1
    FOR NO KEY UPDATE OF t {{if_locked}}
)
"""  # noqa: S608 - its parts stand above

_TAKING = """
INSERT INTO tasks_lease (task_id, project_id, user_id, slot, expires_at, is_comparison)
SELECT id, %(project)s, %(user)s, slot, now() + %(lifetime)s::interval, {walk.is_comparison} FROM candidate
"""
_UNLESS_TAKEN = "ON CONFLICT DO NOTHING RETURNING task_id"

# Expired leases were counted as free. Those in the way go; the others stay, so that a laptop that wakes up may find its
# slot free, but are put back a little: who renews one at this moment then comes too late, or we do.
_TAKEN = f"""
, cleared AS (
    DELETE FROM tasks_lease l USING candidate c
    WHERE l.task_id = c.id AND l.expires_at < now() AND (l.slot = c.slot OR l.user_id = %(user)s)
    RETURNING l.id
), ended AS (
    UPDATE tasks_lease l SET expires_at = l.expires_at - interval '1 minute' FROM candidate c
    WHERE l.task_id = c.id AND l.expires_at < now() AND l.slot <> c.slot AND l.user_id <> %(user)s
    RETURNING l.id
), taken AS ({_TAKING} WHERE expired = (SELECT count(*) FROM cleared) + (SELECT count(*) FROM ended) {_UNLESS_TAKEN})
SELECT * FROM (
    SELECT coalesce((SELECT task_id FROM renewed), (SELECT task_id FROM taken)) AS task_id,
           (SELECT id FROM candidate) AS candidate_id, {{chosen}} AS chosen
) reserved
"""  # noqa: S608 - its parts stand above
# Where nothing is to be renewed or cleared, much less is to be prepared. Else nothing is taken.
_TAKEN_AT_ONCE = f"""
, taken AS ({_TAKING} WHERE expired = 0 {_UNLESS_TAKEN})
SELECT * FROM (
    SELECT (SELECT task_id FROM taken) AS task_id, (SELECT id FROM candidate) AS candidate_id, 0 AS chosen
) reserved
"""  # noqa: S608 - its parts stand above
_OUTCOME = "LEFT JOIN LATERAL (SELECT {columns} FROM {source}) outcome ON true "
_READ = "LEFT JOIN LATERAL ({}) shown ON true"

LOOKED_AT = 50
"""How many tasks are chosen from at the end of a queue, so that people who ask at once do not all want the same one."""

_SKIPS_TOO = ""
_BUT_SKIPS = "AND NOT c.was_cancelled"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one run of a statement came to.

    Attributes:
        task_id: the task that is reserved now.
        is_lost: somebody else was quicker; it is worth another run.
        is_locked: tasks were found, but others have them all locked.
        row: what was read of what went before, and of the task.
    """

    task_id: int | None
    is_lost: bool
    is_locked: bool
    row: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Reserved:
    """A task that is reserved.

    Attributes:
        task: what the query reads of it, in the statement that reserved it; None when it was deleted just now.
    """

    task_id: int
    task: Any | None


@dataclass(frozen=True, slots=True)
class GoingBefore:
    """A statement that goes out in one round trip with the one that reserves a task: both are done, or neither.

    Attributes:
        statement: what is carried out first; its rows are passed over.
        columns: what is asked of its outcome.
        source: one row that has them, or none; tables, and conditions in the parameters of the statement.
    """

    statement: Prepared
    columns: tuple[str, ...]
    source: str


def reserve_next(*, project: Project, user: User, besides: int | None = None) -> int | None:
    """Reserve the next task of `project` for `user` and return its id; None when there is none for them now.

    Somebody who asks again before answering gets the same task, with a fresh lease.

    Args:
        besides: the task that they have in hand: another one is reserved, or, if they hold another one, returned.
    """
    found = _reserve_next(project, user, besides, None)
    return None if found is None else found.task_id


def reserve_and_read_next(
    query: CompiledQuery[Any], *, project: Project, user: User, besides: int | None = None
) -> Reserved | None:
    """Reserve the next task, and read it with the same statement.

    Args:
        query: reads a task by the number `task`; it may take the number `user`, who it is reserved for. Counters that
            somebody changes at this very moment are those from before.
        besides: as for `reserve_next`.
    """
    found = _reserve_next(project, user, besides, query)
    return None if found is None else _read(found.task_id, found.row, query)


def reserve_and_read_behind(
    before: GoingBefore,
    values: Mapping[str, Any],
    query: CompiledQuery[Any],
    *,
    project: Project,
    user: User,
    besides: int | None = None,
) -> tuple[tuple[Any, ...], Reserved | None]:
    """Carry out a statement, and take the next task if it is where it most likely is and nobody's lease is in the way.

    That none is taken means nothing.

    Args:
        before: what is carried out; what it changes counts when a task is looked for.
        values: of its parameters, by names that no statement here uses.
        query: as for `reserve_and_read_next`.
        besides: as for `reserve_next`.

    Returns:
        The columns of its outcome, each None if there is no such row; and the task.
    """
    walk = COMPARISON if project.ground_truth_every else quick_walks(project)[0]
    statement = _first_at_once(walk, query, before)
    found = _run(statement, {**values, **_values(project, user, besides)})
    width = len(before.columns)
    return found.row[:width], _read(found.task_id, found.row[width:], query)


def _read(task_id: int | None, row: Sequence[Any], query: CompiledQuery[Any]) -> Reserved | None:
    if task_id is None:
        return None
    return Reserved(task_id, None if row[0] is None else query.read(row))


def _reserve_next(
    project: Project, user: User, besides: int | None, query: CompiledQuery[Any] | None
) -> _Outcome | None:
    values = _values(project, user, besides)
    if project.ground_truth_every:
        found = _reserve_first_unlocked(COMPARISON, _SKIPS_TOO, values, query)
        if found.task_id:
            return found
    for answered in _answer_rules(project):
        for walk in quick_walks(project):
            found = _reserve_first_unlocked(walk, answered, values, query)
            if found.task_id:
                return found
        if has_answered_everything(project, user, answered=answered, besides=besides):
            continue
        for walk in thorough_walks(project):
            found = _reserve_first_of_all(walk, answered, values, query)
            if found.task_id:
                return found
    return None


def reserve_chosen(
    *, project: Project, user: User, task_ids: Sequence[int], besides: int | None = None
) -> int | None:
    """Reserve the first of `task_ids` that `user` may answer now and return it; None when there is none among them.

    The rules of the queue hold, apart from its order.

    Args:
        besides: as for `reserve_next`.
    """
    values = _values(project, user, besides) | {"among": list(task_ids)}
    for answered in _answer_rules(project):
        if task_id := _reserve_first_of_all(chosen_walk(project), answered, values, None).task_id:
            return task_id
    return None


def _values(project: Project, user: User, besides: int | None) -> dict[str, object]:
    return {
        "project": project.pk, "user": user.pk, "besides": besides or 0, "every": project.ground_truth_every,
        "lifetime": str(settings.TASK_LEASE),
    }  # fmt: skip


def _answer_rules(project: Project) -> Iterator[str]:
    """Return which answers of a person close a task for them; what they skipped may come back after all others."""
    yield _SKIPS_TOO
    if project.skip_rule == SkipRule.REQUEUE_FOR_ME:
        yield _BUT_SKIPS


def _reserve_first_unlocked(
    walk: Walk, answered: str, values: dict[str, object], query: CompiledQuery[Any] | None
) -> _Outcome:
    for _ in range(ATTEMPTS):
        outcome = _run(_first_unlocked(walk, answered, query), values)
        if not outcome.is_lost:
            break
    return outcome


def _reserve_first_of_all(
    walk: Walk, answered: str, values: dict[str, object], query: CompiledQuery[Any] | None
) -> _Outcome:
    for _, waits in product(range(ATTEMPTS), (False, True)):
        outcome = _run(_first_of_all(walk, answered, waits, query), values)
        if not (outcome.is_lost or outcome.is_locked):
            break
    return outcome


def _run(statement: Prepared, values: dict[str, object]) -> _Outcome:
    ((task_id, candidate, chosen, *row),) = statement.rows(**values)
    nothing = task_id is None and candidate is None
    is_lost, is_locked = task_id is None and not nothing, nothing and chosen > 0
    return _Outcome(task_id, is_lost=is_lost, is_locked=is_locked, row=tuple(row))


# Planning these takes three times as long as carrying them out.


@cache
def _first_unlocked(walk: Walk, answered: str, query: CompiledQuery[Any] | None) -> Prepared:
    statement = f"{_HELD}, {_FIRST_UNLOCKED}{_TAKEN}".format(
        walk=walk, held="FROM held", answered=answered, chosen="0"
    )
    return Prepared("reserve", statement + _reading(query))


@cache
def _first_at_once(walk: Walk, query: CompiledQuery[Any], before: GoingBefore) -> Prepared:
    held = _LEASES_HELD.format(walk=walk)
    statement = f"WITH {_FIRST_UNLOCKED}{_TAKEN_AT_ONCE}".format(walk=walk, held=held, answered=_SKIPS_TOO)
    outcome = _OUTCOME.format(columns=", ".join(before.columns), source=before.source)
    return Prepared("reserve", statement + outcome + _reading(query), first=before.statement)


@cache
def _first_of_all(walk: Walk, answered: str, waits: bool, query: CompiledQuery[Any] | None) -> Prepared:
    statement = _HELD + _FIRST_OF_ALL + _TAKEN
    how = {"looked_at": 1, "if_locked": ""} if waits else {"looked_at": LOOKED_AT, "if_locked": "SKIP LOCKED"}
    chosen = "(SELECT count(*) FROM chosen)"
    written = statement.format(walk=walk, answered=answered, chosen=chosen, **how)
    return Prepared("reserve", written + _reading(query))


def _reading(query: CompiledQuery[Any] | None) -> str:
    return _READ.format(query.written(task="reserved.task_id")) if query else ""
