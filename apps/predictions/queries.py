"""What is read of predictions beside the rows themselves."""

from __future__ import annotations

from django.db import connection

# PostgreSQL reads a whole index for DISTINCT; this jumps from one version to the next, whatever lies between.
_VERSIONS = """
    WITH RECURSIVE version AS (
        (SELECT model_version AS name FROM predictions_prediction
         WHERE project_id = %(project)s ORDER BY model_version LIMIT 1)
        UNION ALL
        SELECT (SELECT p.model_version FROM predictions_prediction p
                WHERE p.project_id = %(project)s AND p.model_version > version.name
                ORDER BY p.model_version LIMIT 1)
        FROM version WHERE version.name IS NOT NULL
    )
    SELECT name FROM version WHERE name IS NOT NULL LIMIT %(limit)s
"""
MAX_VERSIONS = 500


def model_versions(project_id: int) -> list[str]:
    """Return the versions of models that predicted in a project, in alphabetical order; "" is one without a name.

    The project must be one the caller may see. At most `MAX_VERSIONS`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, {"project": project_id, "limit": MAX_VERSIONS})
        return [name for (name,) in cursor.fetchall()]
