"""Counts the answers of a task anew, in the transaction that changed them."""

from __future__ import annotations

from django.db import connection

from apps.accounts.models import User
from apps.tasks.counters import Answers, store_answers
from apps.tasks.models import Task

_COUNT_ANSWERS = """
SELECT count(*) FILTER (WHERE NOT was_cancelled), count(*) FILTER (WHERE was_cancelled),
       count(DISTINCT coalesce(completed_by_id, -id)) FILTER (WHERE NOT was_cancelled),
       count(DISTINCT coalesce(completed_by_id, -id)), count(*) FILTER (WHERE ground_truth)
FROM completions_completion WHERE task_id = %s
"""


def recount(task: Task, person: User) -> None:
    """Bring the counters of a locked task in step with its answers, which `person` has changed."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_ANSWERS, [task.pk])
        answers = Answers(*cursor.fetchone())
    store_answers(task, answers, skip_rule=task.project.skip_rule, updated_by_id=person.pk)
