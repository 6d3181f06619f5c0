"""Keys of the tasks' data: giving one another name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import User

_RENAME = """
WITH chosen AS (
    SELECT id, data ? %(new)s AS has_both FROM tasks_task
    WHERE project_id = %(project)s AND id = ANY(%(ids)s) AND jsonb_typeof(data) = 'object' AND data ? %(old)s
    ORDER BY id FOR NO KEY UPDATE
), renamed AS (
    UPDATE tasks_task t SET
        data = (t.data - %(old)s::text) || jsonb_build_object(%(new)s::text, t.data -> %(old)s),
        updated_at = now(), updated_by_id = %(person)s
    FROM chosen WHERE t.id = chosen.id AND NOT chosen.has_both
    RETURNING t.id
)
SELECT ARRAY(SELECT id FROM renamed ORDER BY id), (SELECT count(*) FROM chosen WHERE has_both)
"""


@transaction.atomic
def rename_data_key(
    *, project_id: int, task_ids: Sequence[int], old: str, new: str, renamed_by: User
) -> tuple[list[int], int]:
    """Rename a key of the first level in the data of the given tasks of a project.

    Returns:
        The ids of the tasks that were changed, and how many were left alone because they have the new key too.
    """
    parameters: dict[str, Any] = {
        "project": project_id, "ids": list(task_ids), "old": old, "new": new, "person": renamed_by.pk,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_RENAME, parameters)
        renamed, refused = cursor.fetchone()
    return renamed, refused
