"""The rows of the benchmark of the next task: written by PostgreSQL itself, a million in a minute."""

from __future__ import annotations

from django.db import connection

TASKS = """
INSERT INTO tasks_task (
    project_id, inner_id, data, meta, overlap, answers_count, completions_count, ground_truths_count, is_labeled,
    prediction_score, is_assigned
)
SELECT %(project)s, n, jsonb_build_object('text', 'text number ' || n), '{}', 2,
       CASE WHEN n <= %(labeled)s THEN 2 WHEN n <= %(labeled)s + %(mine)s THEN 1 ELSE 0 END,
       CASE WHEN n <= %(labeled)s THEN 2 WHEN n <= %(labeled)s + %(mine)s THEN 1 ELSE 0 END,
       CASE WHEN n <= %(labeled)s AND n %% 1000 = 0 THEN 1 ELSE 0 END,
       n <= %(labeled)s, random(), n > %(labeled)s AND n %% 10 = 0
FROM generate_series(1, %(tasks)s) AS n
"""
ANSWERS = """
INSERT INTO completions_completion (
    task_id, project_id, completed_by_id, result, was_cancelled, ground_truth, created_at
)
SELECT t.id, t.project_id, person.id, '[]', false,
       person.id = %(first)s AND t.ground_truths_count > 0, now() - interval '1 day' + t.inner_id * interval '1 ms'
FROM tasks_task t, unnest(%(people)s) AS person (id)
WHERE t.project_id = %(project)s AND t.inner_id > %(after)s AND t.inner_id <= %(until)s
ORDER BY t.inner_id
"""
ASSIGNMENTS = """
INSERT INTO tasks_assignment (task_id, project_id, user_id, is_open)
SELECT id, project_id, CASE WHEN inner_id %% 20 = 0 THEN %(me)s ELSE %(other)s END, true
FROM tasks_task WHERE project_id = %(project)s AND is_assigned AND inner_id > %(labeled)s + %(mine)s
ORDER BY id
"""


def fill(*, project: int, tasks: int, me: int, others: list[int]) -> None:
    """Fill a project of overlap 2: half of it done by two others, and a tenth of it, next in order, answered by me.

    A twentieth of what is left is assigned to me, as much to somebody else.
    """
    labeled, mine = tasks // 2, tasks // 10
    values = {
        "project": project, "tasks": tasks, "labeled": labeled, "mine": mine, "me": me, "other": others[0],
        "first": others[0],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(TASKS, values)
        cursor.execute(ANSWERS, {**values, "people": others, "after": 0, "until": labeled})
        cursor.execute(ANSWERS, {**values, "people": [me], "after": labeled, "until": labeled + mine})
        cursor.execute(ASSIGNMENTS, values)


def answer_the_rest(*, project: int, person: int, count: int) -> None:
    """Let somebody have answered the last `count` tasks, and leave no other one open: the end of their queue."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(inner_id) FROM tasks_task WHERE project_id = %s", [project])
        (last,) = cursor.fetchone()
        cursor.execute(
            "UPDATE tasks_task SET is_labeled = true WHERE project_id = %s AND inner_id <= %s",
            [project, last - count],
        )
        cursor.execute(
            ANSWERS,
            {"project": project, "people": [person], "first": 0, "after": last - count, "until": last},
        )


def analyze() -> None:
    """Let PostgreSQL know what it has, as autovacuum does after a while."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tasks_task, completions_completion, tasks_assignment, tasks_lease")
