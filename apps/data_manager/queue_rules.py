"""Brings a project's tasks in step with its rules after they changed: overlap, skip rule, model version.

Runs in batches, each its own transaction with its part of the totals, so that people go on labeling beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

from apps.projects import tallies
from apps.projects.models import Project, SkipRule
from apps.tasks.assigning import refresh_assignments

BATCH = 5_000

# Tasks that were given an overlap of their own keep it; the others follow the project.
_APPLY_RULES = """
WITH batch AS (
    SELECT t.id, t.is_assigned, t.is_labeled AS was_labeled,
           CASE WHEN t.overlap = %(old_overlap)s THEN %(overlap)s ELSE t.overlap END AS overlap
    FROM tasks_task t
    WHERE t.project_id = %(project)s AND t.id > %(after)s
    ORDER BY t.id LIMIT %(batch)s
    FOR NO KEY UPDATE
), ruled AS (
    SELECT batch.*, answers.people, predicted.score
    FROM batch
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT coalesce(c.completed_by_id, -c.id)) AS people
        FROM completions_completion c
        WHERE c.task_id = batch.id AND (NOT c.was_cancelled OR %(skips_count)s)
    ) answers
    CROSS JOIN LATERAL (
        SELECT avg(p.score) AS score
        FROM predictions_prediction p
        WHERE p.task_id = batch.id AND %(model_version)s IN ('', p.model_version)
    ) predicted
), changed AS (
    UPDATE tasks_task t SET
        overlap = ruled.overlap,
        answers_count = ruled.people,
        is_labeled = ruled.people >= ruled.overlap,
        completed_at = CASE WHEN ruled.people >= ruled.overlap THEN coalesce(t.completed_at, now()) END,
        prediction_score = ruled.score
    FROM ruled
    WHERE t.id = ruled.id AND (t.overlap, t.answers_count, t.is_labeled, t.prediction_score) IS DISTINCT FROM
          (ruled.overlap, ruled.people, ruled.people >= ruled.overlap, ruled.score)
    RETURNING t.is_labeled::int - ruled.was_labeled::int AS newly_labeled
)
SELECT (SELECT max(id) FROM batch), (SELECT count(*) FROM batch),
       (SELECT count(*) FROM changed), (SELECT coalesce(sum(newly_labeled), 0) FROM changed),
       (SELECT array_agg(id) FROM batch WHERE is_assigned)
"""


def apply_queue_rules(project: Project, *, old_overlap: int) -> Iterator[tuple[int, int]]:
    """Apply the rules of `project` to its tasks; yield after each batch how many were read and how many changed.

    Args:
        old_overlap: what the project's overlap was; tasks that have it follow the change.
    """
    after, read, changed = 0, 0, 0
    while batch := _apply_to_batch(project, old_overlap=old_overlap, after=after):
        after, batch_read, batch_changed = batch
        read, changed = read + batch_read, changed + batch_changed
        yield read, changed


@transaction.atomic
def _apply_to_batch(project: Project, *, old_overlap: int, after: int) -> tuple[int, int, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            _APPLY_RULES,
            {
                "project": project.pk,
                "old_overlap": old_overlap,
                "overlap": project.overlap,
                "skips_count": project.skip_rule == SkipRule.IGNORE_SKIPPED,
                "model_version": project.model_version,
                "after": after,
                "batch": BATCH,
            },
        )
        last_id, read, changed, newly_labeled, assigned = cursor.fetchone()
    refresh_assignments(assigned or [])
    tallies.add(project.pk, labeled_tasks=int(newly_labeled))
    return (last_id, read, changed) if read else None
