"""Reads labeled tasks for an export: one snapshot, a server-side cursor, JSON that Postgres itself composes.

What is stored as jsonb goes out as Postgres writes it; it is never parsed on the way, and memory stays the same
for any project.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, transaction

from apps.projects.models import Project

ROWS_PER_FETCH = 500

# One JSON text a task, in the shape of the API's exported task (docs/api.md).
_EXPORTED_TASKS = """
SELECT json_build_object(
    'id', t.id,
    'annotations', coalesce(answers.items, '[]'::json),
    'drafts', '[]'::json,
    'predictions', coalesce(predicted.items, '[]'::json),
    'data', t.data,
    'meta', t.meta,
    'created_at', t.created_at,
    'updated_at', t.updated_at,
    'allow_skip', true,
    'inner_id', t.inner_id,
    'overlap', t.overlap,
    'total_annotations', t.completions_count,
    'cancelled_annotations', t.skips_count,
    'total_predictions', t.predictions_count,
    'comment_count', coalesce(said.total, 0),
    'unresolved_comment_count', coalesce(said.unresolved, 0),
    'last_comment_updated_at', said.last_updated_at,
    'project', t.project_id,
    'updated_by', t.updated_by_id,
    'comment_authors', coalesce(said.authors, '[]'::json),
    'file_upload', nullif(t.file_upload, '')
)::text
FROM tasks_task t
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object(
        'id', c.id,
        'completed_by', c.completed_by_id,
        'result', c.result,
        'was_cancelled', c.was_cancelled,
        'ground_truth', c.ground_truth,
        'created_at', c.created_at,
        'updated_at', c.updated_at,
        'draft_created_at', NULL,
        'lead_time', c.lead_time,
        'prediction', '{{}}'::json,
        'result_count', jsonb_array_length(c.result),
        'unique_id', c.client_id,
        'import_id', NULL,
        'last_action', NULL,
        'bulk_created', false,
        'task', c.task_id,
        'project', c.project_id,
        'updated_by', c.updated_by_id,
        'parent_prediction', c.parent_prediction,
        'parent_annotation', c.parent_completion,
        'last_created_by', NULL
    ) ORDER BY c.id) AS items
    FROM completions_completion c WHERE c.task_id = t.id AND t.completions_count + t.skips_count > 0
) answers ON true
LEFT JOIN LATERAL (
    SELECT json_agg(p.id ORDER BY p.id) AS items FROM predictions_prediction p
    WHERE p.task_id = t.id AND t.predictions_count > 0
) predicted ON true
LEFT JOIN (
    SELECT task_id, count(*) AS total, count(*) FILTER (WHERE resolved_at IS NULL) AS unresolved,
           max(updated_at) AS last_updated_at,
           json_agg(DISTINCT author_id) FILTER (WHERE author_id IS NOT NULL) AS authors
    FROM comments_comment WHERE project_id = %(project)s GROUP BY task_id
) said ON said.task_id = t.id
WHERE t.project_id = %(project)s {narrowed}
ORDER BY t.id
"""
_ONLY_ANSWERED = "AND (t.completions_count > 0 OR t.skips_count > 0)"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some tasks of a project, as a condition of SQL on a task `t`.

    Attributes:
        condition: text of this program alone; what people say is in `parameters`, by name.
    """

    condition: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def exported_tasks(project: Project, *, all_tasks: bool, chosen: Chosen | None = None) -> Iterator[str]:
    """Yield each task of `project` as JSON text, with its completions, in one consistent snapshot.

    Args:
        all_tasks: also those that nobody has answered or skipped.
        chosen: only these; None: any.
    """
    narrowed = ("" if all_tasks else _ONLY_ANSWERED) + (f" AND ({chosen.condition})" if chosen else "")
    statement = _EXPORTED_TASKS.format(narrowed=narrowed)
    parameters = {**(chosen.parameters if chosen else {}), "project": project.pk}
    connection = connections["default"]
    with transaction.atomic():
        with connection.cursor() as cursor:
            if connection.in_atomic_block and len(connection.savepoint_ids) == 0:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with connection.connection.cursor(name=f"export_{uuid.uuid4().hex}") as rows:
            rows.itersize = ROWS_PER_FETCH
            rows.execute(statement, parameters)
            for (text,) in rows:
                yield text
