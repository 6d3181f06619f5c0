"""Keeps a task's counters and its project's totals in step with the answers; callers hold the task's lock."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

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


def store_answers(task: Task, answers: Answers, *, skip_rule: str, updated_by_id: int | None) -> None:
    """Write the counters that follow from `answers` to a locked task, and the difference to the project's totals."""
    was_labeled, had_completions = task.is_labeled, task.completions_count > 0
    completions_before, skips_before = task.completions_count, task.skips_count
    task.completions_count = answers.completions
    task.skips_count = answers.skips
    ground_truths_before, task.ground_truths_count = task.ground_truths_count, answers.ground_truths
    task.answers_count = answers.counted(skip_rule)
    task.is_labeled = task.answers_count >= task.overlap
    task.updated_at = timezone.now()
    task.updated_by_id = updated_by_id
    if task.is_labeled != was_labeled:
        task.completed_at = task.updated_at if task.is_labeled else None
    task.save(
        update_fields=[
            "completions_count", "skips_count", "answers_count", "ground_truths_count", "is_labeled",
            "updated_at", "updated_by", "completed_at",
        ]
    )  # fmt: skip
    if task.is_assigned:
        refresh_assignments([task.pk])
    tallies.add(
        task.project_id,
        completions=answers.completions - completions_before,
        skips=answers.skips - skips_before,
        ground_truths=answers.ground_truths - ground_truths_before,
        labeled_tasks=task.is_labeled - was_labeled,
        tasks_with_completions=(answers.completions > 0) - had_completions,
    )
