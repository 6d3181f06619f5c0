"""Which keys the data of a project's tasks has: those its labeling config shows, then those that tasks have."""

from __future__ import annotations

from django.db import connection

from apps.data_manager.columns import MAX_KEY_LENGTH, Column, data_column
from apps.labeling import config as labeling
from apps.projects.models import Project

LOOKED_AT = 50
"""How many of the oldest tasks, and of the newest, are looked at."""

MAX_KEYS = 200

# Objects are opened one level: deeper keys can be named in filters all the same.
_KEYS = """
WITH looked_at AS (
    (SELECT data FROM tasks_task WHERE project_id = %(project)s ORDER BY id LIMIT %(count)s)
    UNION ALL
    (SELECT data FROM tasks_task WHERE project_id = %(project)s ORDER BY id DESC LIMIT %(count)s)
), top AS (
    SELECT entry.key, entry.value FROM looked_at, jsonb_each(CASE jsonb_typeof(data) WHEN 'object' THEN data END) entry
)
SELECT key FROM (
    SELECT key, '' AS inner_key FROM top
    UNION
    SELECT top.key || '.' || entry.key, entry.key
    FROM top, jsonb_each(CASE jsonb_typeof(value) WHEN 'object' THEN value END) entry
) AS found
WHERE length(key) BETWEEN 1 AND %(longest)s
ORDER BY inner_key <> '', key
LIMIT %(keys)s
"""


def data_columns(project: Project) -> list[tuple[Column, str]]:
    """Return a column for each key, with the tag that shows it: `Image`, `Audio`; `Unknown` for none."""
    shown = labeling.parse(project.label_config).data_types
    with connection.cursor() as cursor:
        cursor.execute(
            _KEYS,
            {"project": project.pk, "count": LOOKED_AT, "longest": MAX_KEY_LENGTH, "keys": MAX_KEYS},
        )
        found = [key for (key,) in cursor.fetchall()]
    keys = dict.fromkeys([*(key for key in shown if 0 < len(key) <= MAX_KEY_LENGTH), *found])
    return [(data_column(key), _wire_type(shown.get(key))) for key in keys]


def _wire_type(tag: str | None) -> str:
    """Return the type under which clients know what a tag shows."""
    if tag is None:
        return "Unknown"
    return tag if tag in ("Image", "Audio", "AudioPlus", "Video", "TimeSeries") else "String"
