"""Counts the completions of a block again, in the transaction that takes away the notes of what changed in it."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from apps.statistics.locks import lock_block, try_lock_block
from apps.statistics.spans import BLOCK_BITS, LEAD_TIME_BORDERS

MAX_LABELS = 1_000
"""Of a project's labels in one block, the most frequent are counted: an answer may hold as many as it likes."""

MAX_NAME_LENGTH, MAX_LABEL_LENGTH = 100, 200
"""Longer names of controls and labels are cut."""

# The keys under which result items hold labels and choices; a rating is a number.
_LABEL_KEYS = (
    "brushlabels", "choices", "ellipselabels", "htmllabels", "hypertextlabels", "keypointlabels", "labels",
    "paragraphlabels", "pairwise", "polygonlabels", "rating", "rectanglelabels", "taxonomy", "timelinelabels",
    "timeserieslabels", "videolabels",
)  # fmt: skip

_ORIGIN = "timestamptz '2000-01-01 00:00:00+00'"
_QUARTER = f"date_bin('15 minutes', created_at, {_ORIGIN})"
_OF_BLOCK = "id >= %(first)s AND id < %(end)s"

_FORGET = """
DELETE FROM statistics_changedblock n USING (
    SELECT DISTINCT project_id FROM statistics_answercount WHERE block = %(block)s
    UNION SELECT %(project)s
    UNION SELECT DISTINCT project_id FROM completions_completion WHERE id >= %(first)s AND id < %(end)s
) AS concerned WHERE n.project_id = concerned.project_id AND n.block = %(block)s
"""

_COUNT_ANSWERS = f"""
WITH former AS (DELETE FROM statistics_answercount WHERE block = %(block)s),
measured AS (
    SELECT project_id, completed_by_id, minutes, was_cancelled, seconds,
           date_bin(make_interval(mins => minutes), created_at, {_ORIGIN}) AS begins_at,
           width_bucket(seconds, %(borders)s::float8[]) AS span
    FROM (SELECT *, CASE WHEN NOT was_cancelled AND lead_time IS NOT NULL THEN greatest(lead_time, 0) END AS seconds
          FROM completions_completion WHERE {_OF_BLOCK}) AS answer
         CROSS JOIN (VALUES (15), (60)) AS step (minutes)
)
INSERT INTO statistics_answercount (
    block, project_id, of_all, person_id, minutes, begins_at, completions, skips, timed, lead_seconds, lead_times
)
SELECT %(block)s, project_id, grouping(completed_by_id) = 1, completed_by_id, minutes, begins_at,
       count(*) FILTER (WHERE NOT was_cancelled), count(*) FILTER (WHERE was_cancelled), count(seconds),
       coalesce(sum(seconds), 0),
       ARRAY[{", ".join(f"count(*) FILTER (WHERE span = {span})" for span in range(len(LEAD_TIME_BORDERS) + 1))}]
FROM measured
GROUP BY GROUPING SETS ((project_id, minutes, begins_at), (project_id, minutes, begins_at, completed_by_id))
"""  # noqa: S608 - every part stands above

# Labels are strings, paths of strings (a taxonomy), or a number (a rating).
_COUNT_LABELS = f"""
WITH former AS (DELETE FROM statistics_labelcount WHERE block = %(block)s),
answer AS MATERIALIZED (
    SELECT project_id, {_QUARTER} AS quarter, result
    FROM completions_completion WHERE {_OF_BLOCK} AND NOT was_cancelled
),
used AS (
    SELECT project_id, quarter, left(item ->> 'from_name', %(name_length)s) AS control,
           left(CASE jsonb_typeof(one)
               WHEN 'array' THEN (SELECT string_agg(step, ' › ') FROM jsonb_array_elements_text(one) AS step)
               ELSE one #>> '{{}}' END, %(label_length)s) AS label
    FROM answer, jsonb_path_query(result, 'lax $[*] ? (@.type() == "object")') AS item,
         jsonb_object_keys(CASE jsonb_typeof(item -> 'value') WHEN 'object' THEN item -> 'value' END) AS key,
         jsonb_path_query(item -> 'value' -> key, 'lax $[*]') AS one
    WHERE key = ANY(%(keys)s) AND item ->> 'from_name' IS NOT NULL
      AND jsonb_typeof(one) IN ('string', 'array', 'number')
),
ranked AS (
    SELECT project_id, control, label, row_number() OVER (PARTITION BY project_id ORDER BY count(*) DESC) AS rank
    FROM used WHERE label <> '' GROUP BY 1, 2, 3
)
INSERT INTO statistics_labelcount (block, project_id, quarter, control, label, uses)
SELECT %(block)s, project_id, quarter, control, label, count(*)
FROM used JOIN ranked USING (project_id, control, label) WHERE rank <= %(max_labels)s
GROUP BY 2, 3, 4, 5
"""  # noqa: S608 - every part stands above


@transaction.atomic
def count_block(project_id: int, block: int) -> None:
    """Bring the counts of a block in step with its completions; `project_id` is where a change was noted."""
    lock_block(block)
    _count(project_id, block)


@transaction.atomic
def try_count_block(project_id: int, block: int) -> bool:
    """Do as `count_block`, unless somebody else is at it; return whether it was done."""
    if not try_lock_block(block):
        return False
    _count(project_id, block)
    return True


def _count(project_id: int, block: int) -> None:
    """Count a locked block: the notes go first, so that whatever they speak of is seen by the counts after them."""
    parameters: dict[str, Any] = {
        "project": project_id, "block": block, "first": block << BLOCK_BITS, "end": (block + 1) << BLOCK_BITS,
        "borders": list(LEAD_TIME_BORDERS), "keys": list(_LABEL_KEYS), "max_labels": MAX_LABELS,
        "name_length": MAX_NAME_LENGTH, "label_length": MAX_LABEL_LENGTH,
    }  # fmt: skip
    with connection.cursor() as cursor:
        # The planner takes the labels for many millions, and compiling for them takes longer than counting.
        cursor.execute("SET LOCAL jit = off")
        for statement in (_FORGET, _COUNT_ANSWERS, _COUNT_LABELS):
            cursor.execute(statement, parameters)
