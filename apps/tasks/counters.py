"""Keeps a task's counters and its project's totals in step with the answers; callers hold the task's lock."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from apps.projects import tallies
from apps.projects.models import SkipRule
from apps.tasks.assigning import refresh_assignments
from apps.tasks.models import Task

_TOTALS = tallies.adding(
    "counted",
    completions="completions_count - %(was_completions)s::int",
    skips="skips_count - %(was_skips)s::int",
    ground_truths="ground_truths_count - %(was_ground_truths)s::int",
    labeled_tasks="is_labeled::int - %(was_labeled)s::int",
    tasks_with_completions="(completions_count > 0)::int - (%(was_completions)s::int > 0)::int",
)

STORE = f"""
stood AS (
    SELECT answers.*, CASE WHEN %(skips_count)s::bool THEN people_answered ELSE people_completed END AS people
    FROM answers
), counted AS (
    UPDATE tasks_task t SET
        completions_count = s.completions, skips_count = s.skips, answers_count = s.people,
        ground_truths_count = s.ground_truths, is_labeled = s.people >= t.overlap,
        completed_at = CASE WHEN (s.people >= t.overlap) = t.is_labeled THEN t.completed_at
                            WHEN s.people >= t.overlap THEN %(updated_at)s::timestamptz END,
        updated_at = %(updated_at)s::timestamptz, updated_by_id = %(updated_by_id)s::bigint
    FROM stood s WHERE t.id = %(task_id)s
    RETURNING t.project_id, t.completions_count, t.skips_count, t.answers_count, t.ground_truths_count, t.is_labeled,
              t.completed_at
), totals AS ({_TOTALS})
"""  # noqa: S608 - its parts are constants
"""Writes the counters that follow from `answers`, and the difference to the totals; one row in `counted`.

A part of a statement whose CTE `answers` has one row with `completions`, `skips` (answers that are skips),
`people_completed`, `people_answered` (the people behind each) and `ground_truths`.
"""

STORED = (
    "completions_count", "skips_count", "answers_count", "ground_truths_count", "is_labeled", "completed_at",
)  # fmt: skip
"""The columns of `counted` that `take_over` needs, in its order."""


def storing(task: Task, *, skip_rule: str, updated_by_id: int | None) -> dict[str, Any]:
    """Return the values of `STORE` for a locked task."""
    return {
        "task_id": task.pk, "updated_at": timezone.now(), "updated_by_id": updated_by_id,
        "skips_count": skip_rule == SkipRule.IGNORE_SKIPPED,
        "was_completions": task.completions_count, "was_skips": task.skips_count,
        "was_ground_truths": task.ground_truths_count, "was_labeled": int(task.is_labeled),
        "tally_shard": tallies.shard(),
    }  # fmt: skip


def take_over(task: Task, stored: tuple[Any, ...], values: dict[str, Any]) -> None:
    """Bring a task in step with what was stored for it, and its assignments.

    Args:
        stored: the columns `STORED`.
        values: those of `storing`.
    """
    for name, value in zip(STORED, stored, strict=True):
        setattr(task, name, value)
    task.updated_at, task.updated_by_id = values["updated_at"], values["updated_by_id"]
    if task.is_assigned:
        refresh_assignments([task.pk])
