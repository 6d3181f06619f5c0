"""Counts the answers of a task anew, in the transaction that changed them."""

from __future__ import annotations

from apps.accounts.models import User
from apps.core.prepared import Prepared
from apps.tasks.counters import Answers, store_answers
from apps.tasks.models import Task

ANSWERS = """
    count(*) FILTER (WHERE NOT was_cancelled), count(*) FILTER (WHERE was_cancelled),
    count(DISTINCT coalesce(completed_by_id, -id)) FILTER (WHERE NOT was_cancelled),
    count(DISTINCT coalesce(completed_by_id, -id)), count(*) FILTER (WHERE ground_truth)
"""
"""The fields of `Answers`, of rows of completions."""

_COUNT = Prepared("count_answers", f"SELECT {ANSWERS} FROM completions_completion WHERE task_id = %(task)s")  # noqa: S608


def recount(task: Task, person: User) -> None:
    """Bring the counters of a locked task in step with its answers, which `person` has changed."""
    (counts,) = _COUNT.rows(task=task.pk)
    store_answers(task, Answers(*counts), skip_rule=task.project.skip_rule, updated_by_id=person.pk)
