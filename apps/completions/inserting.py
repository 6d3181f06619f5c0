"""Stores a new completion in one statement, with all that it does to other rows.

The draft it came from and the person's lease of the task go; the task's counters and the project's totals follow.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.completions.counting import ANSWERS
from apps.completions.models import Completion
from apps.core.json import dumps
from apps.core.prepared import Prepared
from apps.tasks import counters
from apps.tasks.models import Task

# What a session has measured is added to what earlier ones left in the draft; a draft of the same session has a
# part of it already. Without a session, what the client sends is the total.
_INSERT = Prepared("insert_completion", f"""
WITH draft AS (
    DELETE FROM completions_draft
    WHERE task_id = %(task_id)s AND user_id = %(completed_by_id)s AND completion_id IS NULL
    RETURNING lead_time, CASE WHEN session = %(session)s::uuid THEN earlier_lead_time ELSE lead_time END AS earlier
), lease AS (
    DELETE FROM tasks_lease WHERE task_id = %(task_id)s AND user_id = %(completed_by_id)s
), stored AS (
    INSERT INTO completions_completion (
        task_id, project_id, completed_by_id, updated_by_id, result, config_version, warnings, was_cancelled,
        ground_truth, lead_time, client_id, parent_prediction, parent_completion, version, last_action, created_at,
        updated_at
    ) VALUES (
        %(task_id)s, %(project_id)s, %(completed_by_id)s, %(updated_by_id)s, %(result)s::jsonb, %(config_version)s,
        %(warnings)s::jsonb, %(was_cancelled)s, %(ground_truth)s,
        CASE WHEN %(session)s::uuid IS NULL THEN coalesce(%(lead_time)s::float8, (SELECT lead_time FROM draft))
             ELSE coalesce(%(lead_time)s::float8, 0) + coalesce((SELECT earlier FROM draft), 0) END,
        %(client_id)s, %(parent_prediction)s, %(parent_completion)s, %(version)s, %(last_action)s, %(created_at)s,
        %(updated_at)s
    )
    ON CONFLICT (client_id) DO NOTHING
    RETURNING id, lead_time, completed_by_id, was_cancelled, ground_truth
), answers AS (
    SELECT {ANSWERS} FROM (
        SELECT id, completed_by_id, was_cancelled, ground_truth FROM completions_completion
        WHERE task_id = %(task_id)s
        UNION ALL SELECT id, completed_by_id, was_cancelled, ground_truth FROM stored
    ) answer
), {counters.STORE}
SELECT (SELECT id FROM stored), (SELECT lead_time FROM stored), {", ".join(counters.STORED)} FROM counted
""")  # fmt: skip # noqa: S608 - its parts are constants

_OPTIONAL: dict[str, Any] = {
    "was_cancelled": False,
    "ground_truth": False,
    "lead_time": None,
    "parent_prediction": None,
    "parent_completion": None,
}


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
    counting = counters.storing(task, skip_rule=task.project.skip_rule, updated_by_id=completed_by.pk)
    now = counting["updated_at"]
    values = {
        **_OPTIONAL, **columns, "task_id": task.pk, "project_id": task.project_id, "completed_by_id": completed_by.pk,
        "updated_by_id": completed_by.pk, "client_id": client_id, "version": 1, "created_at": now, "updated_at": now,
    }  # fmt: skip
    as_sent = {"result": dumps(values["result"]).decode(), "warnings": dumps(values["warnings"]).decode()}
    ((completion_id, lead_time, *stood),) = _INSERT.rows(
        **{**values, **as_sent, **counting, "session": session}
    )
    if completion_id is None:
        return None
    counters.take_over(task, tuple(stood), counting)
    stored = Completion(**{**values, "id": completion_id, "lead_time": lead_time})
    stored.task, stored.completed_by = task, completed_by
    return stored
