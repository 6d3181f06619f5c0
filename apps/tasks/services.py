"""What changes tasks."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import ValidationFailed
from apps.labeling import config as labeling
from apps.labeling.task_data import validate_task
from apps.projects import tallies
from apps.projects.models import Project
from apps.projects.services import reserve_inner_ids
from apps.tasks.assigning import refresh_assignments
from apps.tasks.locks import lock_task
from apps.tasks.models import Task


def check_data(project: Project, data: Any) -> None:
    """Let data that the project's labeling config can show pass.

    Raises:
        ValidationFailed: naming each key that is missing or of the wrong kind.
    """
    if problems := validate_task(labeling.parse(project.label_config), data):
        raise ValidationFailed(
            f"The task cannot be labeled: {'; '.join(problems)}.", fields={"data": problems}
        )


@transaction.atomic
def create_task(*, project: Project, data: dict[str, Any], meta: dict[str, Any] | None = None) -> Task:
    """Add one task to a project.

    Raises:
        ValidationFailed: the labeling config cannot show `data`.
    """
    check_data(project, data)
    inner_id = reserve_inner_ids(project_id=project.pk, count=1)
    task = Task(project=project, inner_id=inner_id, data=data, meta=meta or {}, overlap=project.overlap)
    task.created_at = task.updated_at = timezone.now()
    task.save()
    tallies.add(project.pk, tasks=1)
    return task


@transaction.atomic
def update_task(
    *, task_id: int, updated_by: User, data: dict[str, Any] | None = None, meta: dict[str, Any] | None = None
) -> Task:
    """Replace the data or the meta of a task.

    Raises:
        ValidationFailed: the labeling config cannot show the new data; nothing is changed.
    """
    task = lock_task(task_id)
    if data is not None:
        check_data(task.project, data)
        task.data = data
    if meta is not None:
        task.meta = meta
    task.updated_at, task.updated_by = timezone.now(), updated_by
    task.save(update_fields=["data", "meta", "updated_at", "updated_by"])
    return task


# Completions, predictions and leases follow their task by the foreign keys' ON DELETE CASCADE.
_DELETE_TASKS = """
WITH gone AS (
    DELETE FROM tasks_task WHERE id = ANY (ARRAY(
        SELECT id FROM tasks_task WHERE project_id = %(project)s {selected} ORDER BY id LIMIT %(batch)s FOR UPDATE
    ))
    RETURNING is_labeled, completions_count, skips_count, predictions_count, ground_truths_count
)
SELECT count(*), count(*) FILTER (WHERE is_labeled), count(*) FILTER (WHERE completions_count > 0),
       coalesce(sum(completions_count), 0), coalesce(sum(skips_count), 0),
       coalesce(sum(predictions_count), 0), coalesce(sum(ground_truths_count), 0)
FROM gone
"""
DELETE_BATCH = 5_000


def delete_tasks(*, project_id: int, deleted_by: User, task_ids: list[int] | None = None) -> int:
    """Delete the given tasks of a project (None: all) with all that hangs on them; return how many there were.

    Runs in batches of `DELETE_BATCH`, each its own transaction with its totals, so that it can be stopped anywhere.
    """
    deleted = 0
    while batch := delete_batch(project_id=project_id, task_ids=task_ids):
        deleted += batch
    record(AuditAction.TASKS_DELETED, actor=deleted_by, project_id=project_id, after={"tasks": deleted})
    return deleted


@transaction.atomic
def delete_batch(*, project_id: int, task_ids: list[int] | None = None) -> int:
    """Delete up to `DELETE_BATCH` of the given tasks (None: any) of a project; return how many; 0 means done."""
    selected = "" if task_ids is None else "AND id = ANY(%(ids)s)"
    parameters = {"project": project_id, "batch": DELETE_BATCH, "ids": task_ids}
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_TASKS.format(selected=selected), parameters)
        tasks, labeled, with_completions, completions, skips, predictions, ground_truths = map(
            int, cursor.fetchone()
        )
    tallies.add(
        project_id, tasks=-tasks, labeled_tasks=-labeled, tasks_with_completions=-with_completions,
        completions=-completions, skips=-skips, predictions=-predictions, ground_truths=-ground_truths,
    )  # fmt: skip
    return tasks


_SET_OVERLAP = """
WITH chosen AS (
    SELECT id, is_labeled AS was_labeled FROM tasks_task
    WHERE project_id = %(project)s AND id = ANY(%(ids)s) AND overlap <> %(overlap)s
    ORDER BY id FOR NO KEY UPDATE
), changed AS (
    UPDATE tasks_task t SET
        overlap = %(overlap)s,
        is_labeled = t.answers_count >= %(overlap)s,
        completed_at = CASE WHEN t.answers_count >= %(overlap)s THEN coalesce(t.completed_at, now()) END,
        updated_at = now()
    FROM chosen WHERE t.id = chosen.id
    RETURNING t.id, t.is_labeled::int - chosen.was_labeled::int AS newly_labeled, t.is_assigned
)
SELECT count(*), coalesce(sum(newly_labeled), 0), array_agg(id) FILTER (WHERE is_assigned) FROM changed
"""


@transaction.atomic
def set_overlap(*, project_id: int, task_ids: list[int], overlap: int) -> int:
    """Have tasks of a project need completions of `overlap` people; return how many needed another number before.

    They keep it when the project's overlap changes. A task that has enough answers counts as labeled at once, and one
    that has too few goes back to the queue.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SET_OVERLAP, {"project": project_id, "ids": task_ids, "overlap": overlap})
        changed, newly_labeled, assigned = cursor.fetchone()
    tallies.add(project_id, labeled_tasks=int(newly_labeled))
    refresh_assignments(assigned or [])
    return int(changed)
