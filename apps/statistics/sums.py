"""Keeps short what the triggers write of tasks and predictions, and counts it anew where it went wrong."""

from __future__ import annotations

from django.db import connection, transaction

from apps.statistics.locks import lock_sums

_QUARTER = "date_bin('15 minutes', {}, '2000-01-01 00:00:00+00')"

_MERGE_TASKS = """
WITH former AS (DELETE FROM statistics_taskcount WHERE project_id = %(project)s RETURNING *)
INSERT INTO statistics_taskcount (project_id, quarter, added, labeled)
SELECT project_id, quarter, sum(added), sum(labeled) FROM former GROUP BY 1, 2
HAVING sum(added) <> 0 OR sum(labeled) <> 0
"""
_MERGE_SCORES = """
WITH former AS (DELETE FROM statistics_scorecount WHERE project_id = %(project)s RETURNING *)
INSERT INTO statistics_scorecount (project_id, model_version, span, predictions)
SELECT project_id, model_version, span, sum(predictions) FROM former GROUP BY 1, 2, 3 HAVING sum(predictions) <> 0
"""

# One statement each: what it counts and the rows it replaces are of the same moment. Rows that a transaction adds
# which is not over yet stay, and so does what they stand for uncounted.
_RECOUNT_TASKS = f"""
WITH former AS (DELETE FROM statistics_taskcount WHERE project_id = %(project)s)
INSERT INTO statistics_taskcount (project_id, quarter, added, labeled)
SELECT project_id, quarter, sum(added), sum(labeled) FROM (
    SELECT project_id, {_QUARTER.format("created_at")} AS quarter, count(*) AS added, 0 AS labeled
    FROM tasks_task WHERE project_id = %(project)s GROUP BY 1, 2
    UNION ALL
    SELECT project_id, {_QUARTER.format("coalesce(completed_at, created_at)")}, 0, count(*)
    FROM tasks_task WHERE project_id = %(project)s AND is_labeled GROUP BY 1, 2
) AS change GROUP BY 1, 2
"""  # noqa: S608 - every part stands above
_RECOUNT_SCORES = """
WITH former AS (DELETE FROM statistics_scorecount WHERE project_id = %(project)s)
INSERT INTO statistics_scorecount (project_id, model_version, span, predictions)
SELECT project_id, model_version,
       CASE WHEN score IS NULL THEN -2 WHEN score < 0 THEN -1 WHEN score > 1 THEN 20
            ELSE least(floor(score * 20), 19) END, count(*)
FROM predictions_prediction WHERE project_id = %(project)s GROUP BY 1, 2, 3
"""

_SPREAD = """
INSERT INTO statistics_changedblock (project_id, block)
SELECT %(project)s, block FROM (
    SELECT id >> 10 AS block FROM completions_completion WHERE project_id = %(project)s
    UNION SELECT block FROM statistics_answercount WHERE project_id = %(project)s
    UNION SELECT block FROM statistics_labelcount WHERE project_id = %(project)s
) AS known
"""
_NO_LONGER_NOTED = "DELETE FROM statistics_changedblock WHERE project_id = %(project)s AND block IS NULL"

_SCATTERED = """
SELECT project_id FROM statistics_taskcount GROUP BY 1 HAVING count(*) > 100 + 2 * count(DISTINCT quarter)
UNION
SELECT project_id FROM statistics_scorecount GROUP BY 1
HAVING count(*) > 100 + 2 * count(DISTINCT (model_version, span))
"""

# What the running totals say, and the counts do not, or of a project that is gone. Projects with notes are about to
# be counted anyway.
_WRONG = """
WITH told AS (
    SELECT project_id, sum(tasks) AS tasks, sum(labeled_tasks) AS labeled, sum(completions) AS completions,
           sum(skips) AS skips, sum(predictions) AS predictions
    FROM projects_projecttally GROUP BY 1
), tasks AS (
    SELECT project_id, sum(added) AS tasks, sum(labeled) AS labeled FROM statistics_taskcount GROUP BY 1
), answers AS (
    SELECT project_id, sum(completions) AS completions, sum(skips) AS skips FROM statistics_answercount
    WHERE of_all AND minutes = 60 GROUP BY 1
), scores AS (
    SELECT project_id, sum(predictions) AS predictions FROM statistics_scorecount GROUP BY 1
)
SELECT project_id FROM told FULL JOIN tasks USING (project_id) FULL JOIN answers USING (project_id)
    FULL JOIN scores USING (project_id)
WHERE (coalesce(told.tasks, 0), coalesce(told.labeled, 0), coalesce(told.completions, 0), coalesce(told.skips, 0),
       coalesce(told.predictions, 0))
   <> (coalesce(tasks.tasks, 0), coalesce(tasks.labeled, 0), coalesce(answers.completions, 0),
       coalesce(answers.skips, 0), coalesce(scores.predictions, 0))
  AND NOT EXISTS (SELECT 1 FROM statistics_changedblock n WHERE n.project_id = coalesce(told.project_id,
                  tasks.project_id, answers.project_id, scores.project_id))
"""


@transaction.atomic
def merge_sums(project_id: int) -> None:
    """Make one row of the rows that speak of the same tasks, and of the same predictions."""
    lock_sums(project_id)
    _run(project_id, _MERGE_TASKS, _MERGE_SCORES)


@transaction.atomic
def recount_project(project_id: int) -> None:
    """Count the tasks and predictions of a project anew, and note all its completions as changed."""
    lock_sums(project_id)
    _run(project_id, _NO_LONGER_NOTED, _SPREAD, _RECOUNT_TASKS, _RECOUNT_SCORES)


def scattered_projects() -> list[int]:
    """Return the projects whose rows are worth merging."""
    with connection.cursor() as cursor:
        cursor.execute(_SCATTERED)
        return sorted(project_id for (project_id,) in cursor.fetchall())


def miscounted_projects() -> list[int]:
    """Return the projects whose counts differ from their running totals, and were not noted as changed."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG)
        return sorted(project_id for (project_id,) in cursor.fetchall())


def _run(project_id: int, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, {"project": project_id})
