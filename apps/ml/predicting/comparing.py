"""Sets two versions of models against each other: where they answer the same, control by control."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

COMPARED = 10_000
"""So many tasks are looked at, the latest ones: each costs the reading of two results."""

# Two versions agree on a control when they give it the same values, in whatever order; the ids of regions, which are
# made up by each model, do not count.
_COMPARE = """
WITH both_predicted AS MATERIALIZED (
    SELECT a.result AS one, b.result AS other
    FROM predictions_prediction a
    JOIN predictions_prediction b ON b.task_id = a.task_id AND b.model_version = %(other)s
    WHERE a.project_id = %(project)s AND a.model_version = %(one)s
    ORDER BY a.id DESC LIMIT %(limit)s
), by_control AS (
    SELECT pair.* FROM both_predicted p
    CROSS JOIN LATERAL (
        SELECT coalesce(l.control, r.control) AS control, l.answers IS NOT DISTINCT FROM r.answers AS agree
        FROM ({one}) l FULL JOIN ({other}) r ON r.control = l.control
    ) AS pair
)
SELECT control, count(*), count(*) FILTER (WHERE agree) FROM by_control GROUP BY 1 ORDER BY 1
"""
_ANSWERS = """
SELECT item ->> 'from_name' AS control, jsonb_agg(item -> 'value' ORDER BY item -> 'value') AS answers
FROM jsonb_array_elements(p.{side}) AS item WHERE item ->> 'from_name' IS NOT NULL GROUP BY 1
"""
_TASKS = """
SELECT count(*), avg(one_score), avg(other_score) FROM (
    SELECT a.score AS one_score, b.score AS other_score
    FROM predictions_prediction a
    JOIN predictions_prediction b ON b.task_id = a.task_id AND b.model_version = %(other)s
    WHERE a.project_id = %(project)s AND a.model_version = %(one)s
    ORDER BY a.id DESC LIMIT %(limit)s
) AS both_predicted
"""


@dataclass(frozen=True, slots=True)
class ControlAgreement:
    """How often two versions answer the same to one control.

    Attributes:
        tasks: that at least one of them answered with this control.
    """

    control: str
    tasks: int
    agree: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions side by side.

    Attributes:
        tasks: how many both have predicted, among the latest `COMPARED`.
        is_sample: there are more than were looked at.
        scores: their mean scores on these tasks; None without any.
    """

    tasks: int
    is_sample: bool
    scores: tuple[float | None, float | None]
    controls: tuple[ControlAgreement, ...]


def compare_versions(project_id: int, one: str, other: str) -> Comparison:
    """Compare two versions on the tasks that both have predicted; three statements at most.

    The project must be one the caller may see.
    """
    values: dict[str, str | int] = {"project": project_id, "one": one, "other": other, "limit": COMPARED}
    statement = _COMPARE.replace("{one}", _ANSWERS.format(side="one")).replace(
        "{other}", _ANSWERS.format(side="other")
    )
    with connection.cursor() as cursor:
        cursor.execute(_TASKS, values | {"limit": COMPARED + 1})
        tasks, one_score, other_score = cursor.fetchone()
        cursor.execute(statement, values)
        controls = tuple(
            ControlAgreement(control, count, agree) for control, count, agree in cursor.fetchall()
        )
    return Comparison(min(tasks, COMPARED), tasks > COMPARED, (one_score, other_score), controls)
