"""Stores a new completion in one statement, with all that it does to other rows.

The draft it came from and the person's lease of the task go; the task's counters and the project's totals follow.
Most answers are the first of their task. They are stored in one round trip that locks the task and does nothing more if
the task, or what its project demands, is not as it was read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection

from apps.accounts.models import User
from apps.completions.counting import ANSWERS, ANSWERS_OF_ONE
from apps.completions.models import Completion, Verdict
from apps.core.json import dumps
from apps.core.prepared import Prepared
from apps.tasks import counters
from apps.tasks.locks import LOCK_TASK
from apps.tasks.models import Task
from apps.tasks.next_task import GoingBefore


# What a session has measured is added to what earlier ones left in the draft; a draft of the same session has a part of
# it already. Without a session, what the client sends is the total.
def _storing(
    name: str, *, free: str, on_conflict: str, answers: str, first: Prepared | None = None
) -> Prepared:
    """Return the statement that stores a completion.

    Args:
        first: as for `Prepared`.
        free: returns one row if it may be stored.
        on_conflict: what becomes of one whose `client_id` another one has.
        answers: returns the columns `ANSWERS`, with those of the rows of `stored`.
    """
    return Prepared(name, f"""
WITH free AS ({free}), draft AS (
    DELETE FROM completions_draft
    WHERE task_id = %(task_id)s AND user_id = %(completed_by_id)s AND completion_id IS NULL
      AND EXISTS (SELECT FROM free)
    RETURNING lead_time, CASE WHEN session = %(session)s::uuid THEN earlier_lead_time ELSE lead_time END AS earlier
), lease AS (
    DELETE FROM tasks_lease
    WHERE task_id = %(task_id)s AND user_id = %(completed_by_id)s AND EXISTS (SELECT FROM free)
), stored AS (
    INSERT INTO completions_completion (
        task_id, project_id, completed_by_id, updated_by_id, result, config_version, warnings, was_cancelled,
        ground_truth, lead_time, client_id, parent_prediction, parent_completion, version, last_action, created_at,
        updated_at
    )
    SELECT
        %(task_id)s, %(project_id)s, %(completed_by_id)s, %(updated_by_id)s, %(result)s::jsonb, %(config_version)s,
        %(warnings)s::jsonb, %(was_cancelled)s, %(ground_truth)s,
        CASE WHEN %(session)s::uuid IS NULL THEN coalesce(%(lead_time)s::float8, (SELECT lead_time FROM draft))
             ELSE coalesce(%(lead_time)s::float8, 0) + coalesce((SELECT earlier FROM draft), 0) END,
        %(client_id)s::uuid, %(parent_prediction)s, %(parent_completion)s, %(version)s, %(last_action)s,
        %(created_at)s, %(updated_at)s
    FROM free
    {on_conflict}
    RETURNING id, lead_time, completed_by_id, was_cancelled, ground_truth
), answers AS ({answers}), {counters.STORE}
SELECT (SELECT id FROM stored), (SELECT lead_time FROM stored), {", ".join(counters.STORED)} FROM counted
""", first=first)  # fmt: skip # noqa: S608 - its parts are constants


_INSERT = _storing(
    "insert_completion",
    free="SELECT",
    on_conflict="ON CONFLICT (client_id) DO NOTHING",
    answers=f"""
        SELECT {ANSWERS} FROM (
            SELECT id, completed_by_id, was_cancelled, ground_truth FROM completions_completion
            WHERE task_id = %(task_id)s
            UNION ALL SELECT id, completed_by_id, was_cancelled, ground_truth FROM stored
        ) answer
    """,  # noqa: S608 - its parts are constants
)
_INSERT_FIRST = _storing(
    "insert_first_completion",
    first=LOCK_TASK,
    free="""
        SELECT FROM tasks_task t JOIN projects_project p ON p.id = t.project_id
        WHERE t.id = %(task_id)s AND t.updated_at = %(read_updated_at)s::timestamptz
          AND t.completions_count = 0 AND t.skips_count = 0 AND NOT t.is_labeled AND NOT t.is_assigned
          AND p.config_version = %(config_version)s AND p.skip_rule = %(skip_rule)s
          AND p.strict_results = %(strict_results)s AND p.archived_at IS NULL AND p.deleted_at IS NULL
          AND NOT EXISTS (SELECT FROM completions_completion WHERE client_id = %(client_id)s::uuid)
    """,
    on_conflict="",
    answers=f"SELECT {ANSWERS_OF_ONE} FROM stored",  # noqa: S608 - its parts are constants
)

_COLUMNS = tuple(field.attname for field in Completion._meta.concrete_fields)
_OPTIONAL: dict[str, Any] = {
    "was_cancelled": False,
    "ground_truth": False,
    "lead_time": None,
    "parent_prediction": None,
    "parent_completion": None,
}
_NOT_REVIEWED: dict[str, Any] = {"review": Verdict.NONE.value, "reviewed_by_id": None, "reviewed_at": None}

FIRST_ANSWER_BEFORE_NEXT = GoingBefore(
    _INSERT_FIRST,
    columns=("c.id", "c.lead_time", *(f"t.{name}" for name in counters.STORED)),
    source="""
        completions_completion c JOIN tasks_task t ON t.id = c.task_id
        WHERE c.task_id = %(task_id)s AND c.completed_by_id = %(completed_by_id)s AND c.created_at = %(created_at)s
    """,
)
"""Stores a `FirstAnswer` in the round trip that reserves the next task; the outcome is what its `store` returns."""


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """The first answer of a task, ready to be stored.

    Attributes:
        values: the parameters of what stores it.
    """

    task: Task
    values: dict[str, Any]

    def store(self) -> tuple[Any, ...] | None:
        """Store it alone; return the id and lead time of the completion and the task's counters, or None."""
        return _INSERT_FIRST.row(**self.values)


StoreFirst = Callable[[FirstAnswer], tuple[Any, ...] | None]
"""What stores a first answer, and returns what `FirstAnswer.store` does."""


def insert_completion(
    *, task: Task, completed_by: User, client_id: UUID | None, session: UUID | None, **columns: Any
) -> Completion | None:
    """Store a completion of a locked task, and bring the task in step; the person's draft of it and their lease go.

    Args:
        session: the opening of the task in which `lead_time` was measured, in seconds; None: that is the total.
        columns: `result`, `config_version`, `warnings`, `last_action`, and of the others those that are known.

    Returns:
        The completion; None when `client_id` was given to another one at this moment. The transaction then ends.
    """
    values = _values(task, completed_by, client_id, session, columns)
    return _stored(task, completed_by, values, _INSERT.row(**_as_sent(values)))


def is_unanswered(task: Task) -> bool:
    """Whether the next answer to a task is its first, and no list of who has still to answer follows from it."""
    return not (task.completions_count or task.skips_count or task.is_labeled or task.is_assigned)


def insert_first_completion(
    *,
    task: Task,
    completed_by: User,
    client_id: UUID | None,
    session: UUID | None,
    store: StoreFirst = FirstAnswer.store,
    **columns: Any,
) -> Completion | None:
    """Store the first completion of a task that was read without a lock, as `insert_completion` does.

    Args:
        task: one that `is_unanswered`.

    Returns:
        The completion; None, with nothing changed, when it must be stored under a lock: `client_id` is known, or
        somebody has changed or is changing the task or what its project demands.
    """
    project = task.project
    as_read = {
        "read_updated_at": task.updated_at, "skip_rule": project.skip_rule, "strict_results": project.strict_results,
    }  # fmt: skip
    values = _values(task, completed_by, client_id, session, columns)
    try:
        row = store(FirstAnswer(task, _as_sent(values) | as_read))
    except IntegrityError:  # the same `client_id` was stored at this very moment
        if connection.in_atomic_block:
            raise
        return None
    return _stored(task, completed_by, values, row)


def _values(
    task: Task, completed_by: User, client_id: UUID | None, session: UUID | None, columns: dict[str, Any]
) -> dict[str, Any]:
    counting = counters.storing(task, skip_rule=task.project.skip_rule, updated_by_id=completed_by.pk)
    now = counting["updated_at"]
    return {
        **_OPTIONAL, **_NOT_REVIEWED, **columns, **counting, "project_id": task.project_id,
        "completed_by_id": completed_by.pk, "client_id": client_id, "session": session, "version": 1, "created_at": now,
    }  # fmt: skip


def _as_sent(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, **{name: dumps(values[name]).decode() for name in ("result", "warnings")}}


def _stored(
    task: Task, completed_by: User, values: dict[str, Any], row: tuple[Any, ...] | None
) -> Completion | None:
    if row is None or row[0] is None:
        return None
    completion_id, lead_time, *stood = row
    counters.take_over(task, tuple(stood), values)
    columns = {**values, "id": completion_id, "lead_time": lead_time}
    stored = Completion.from_db(DEFAULT_DB_ALIAS, _COLUMNS, [columns[name] for name in _COLUMNS])
    stored.task, stored.completed_by = task, completed_by
    return stored
