"""Keeps a task's counters and its project's totals in step with the answers; callers hold the task's lock."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from apps.core.prepared import Prepared
from apps.projects import tallies
from apps.projects.models import SkipRule
from apps.tasks.assigning import refresh_assignments
from apps.tasks.models import Task


@dataclass(frozen=True, slots=True)
class Answers:
    """How a task stands answered: its completions, the skips among its answers, and the people behind each."""

    completions: int
    skips: int
    people_completed: int
    people_answered: int
    ground_truths: int

    def counted(self, skip_rule: str) -> int:
        """Return how many people's answers count toward the overlap."""
        return self.people_answered if skip_rule == SkipRule.IGNORE_SKIPPED else self.people_completed


_STORE = Prepared(
    "store_answers",
    f"""
    WITH counted AS (
        UPDATE tasks_task SET
            completions_count = %(completions)s, skips_count = %(skips)s, answers_count = %(answers)s,
            ground_truths_count = %(ground_truths)s, is_labeled = %(is_labeled)s, updated_at = %(updated_at)s,
            updated_by_id = %(updated_by)s, completed_at = %(completed_at)s
        WHERE id = %(task)s
    )
    {tallies.ADD}
    """,  # noqa: S608 - its parts are constants
)


def store_answers(task: Task, answers: Answers, *, skip_rule: str, updated_by_id: int | None) -> None:
    """Write the counters that follow from `answers` to a locked task, and the difference to the project's totals."""
    counted = answers.counted(skip_rule)
    is_labeled = counted >= task.overlap
    totals = tallies.added(
        task.project_id,
        completions=answers.completions - task.completions_count,
        skips=answers.skips - task.skips_count,
        ground_truths=answers.ground_truths - task.ground_truths_count,
        labeled_tasks=is_labeled - task.is_labeled,
        tasks_with_completions=(answers.completions > 0) - (task.completions_count > 0),
    )
    task.updated_at, task.updated_by_id = timezone.now(), updated_by_id
    if is_labeled != task.is_labeled:
        task.is_labeled, task.completed_at = is_labeled, task.updated_at if is_labeled else None
    task.completions_count, task.skips_count = answers.completions, answers.skips
    task.ground_truths_count, task.answers_count = answers.ground_truths, counted
    _STORE.rows(
        task=task.pk, completions=answers.completions, skips=answers.skips, answers=counted,
        ground_truths=answers.ground_truths, is_labeled=is_labeled, updated_at=task.updated_at,
        updated_by=updated_by_id, completed_at=task.completed_at, **totals,
    )  # fmt: skip
    if task.is_assigned:
        refresh_assignments([task.pk])
