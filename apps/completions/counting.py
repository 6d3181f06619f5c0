"""Counts the answers of a task anew, in the transaction that changed them."""

from __future__ import annotations

from apps.accounts.models import User
from apps.core.prepared import Prepared
from apps.tasks import counters
from apps.tasks.models import Task

ANSWERS = """
    count(*) FILTER (WHERE NOT was_cancelled) AS completions, count(*) FILTER (WHERE was_cancelled) AS skips,
    count(DISTINCT coalesce(completed_by_id, -id)) FILTER (WHERE NOT was_cancelled) AS people_completed,
    count(DISTINCT coalesce(completed_by_id, -id)) AS people_answered,
    count(*) FILTER (WHERE ground_truth) AS ground_truths
"""
"""The columns of `answers` in `counters.STORE`, of rows of completions."""

ANSWERS_OF_ONE = """
    (NOT was_cancelled)::int AS completions, was_cancelled::int AS skips,
    (NOT was_cancelled)::int AS people_completed, 1 AS people_answered, ground_truth::int AS ground_truths
"""
"""The same columns of one completion, the only one of its task: nothing is to be sorted and counted."""

_RECOUNT = Prepared(
    "recount_answers",
    f"""
    WITH answers AS (SELECT {ANSWERS} FROM completions_completion WHERE task_id = %(task_id)s),
    {counters.STORE}
    SELECT {", ".join(counters.STORED)} FROM counted
    """,  # noqa: S608 - its parts are constants
)


def recount(task: Task, person: User) -> None:
    """Bring the counters of a locked task in step with its answers, which `person` has changed."""
    values = counters.storing(task, skip_rule=task.project.skip_rule, updated_by_id=person.pk)
    (stored,) = _RECOUNT.rows(**values)
    counters.take_over(task, stored, values)
