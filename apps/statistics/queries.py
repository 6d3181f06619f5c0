"""What is read of the counts. The project must be one the caller may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.statistics.ranges import DayRange
from apps.statistics.spans import LEAD_TIME_BORDERS

RECENT = timedelta(days=7)
MAX_RECENT = 8
MAX_LABELS = 200
"""Labels that are listed of a project, the most frequent first."""

_IN_RANGE = "project_id = %(project)s AND quarter >= %(first)s AND quarter < %(end)s"
_PERIOD = "width_bucket(quarter, %(borders)s::timestamptz[])"

_ANSWERED = """
project_id = %(project)s AND minutes = %(minutes)s AND begins_at >= %(first)s AND begins_at < %(end)s
AND (%(person)s::bigint IS NULL OR person_id = %(person)s)
"""
_BY_PERSON = """
SELECT coalesce(sum(completions), 0) FROM statistics_answercount
WHERE project_id = %(project)s AND person_id = %(person)s AND NOT of_all AND minutes = 60
"""
_SPELL = "width_bucket(begins_at, %(borders)s::timestamptz[])"

_TASKS = f"""
SELECT {_PERIOD}, sum(added), sum(labeled) FROM statistics_taskcount WHERE {_IN_RANGE} GROUP BY 1
UNION ALL
SELECT 0, coalesce(sum(added), 0), coalesce(sum(labeled), 0) FROM statistics_taskcount
WHERE project_id = %(project)s AND quarter < %(first)s
"""  # noqa: S608 - every part stands above
_ANSWERS = f"""
SELECT {_SPELL} - 1, person_id, sum(completions), sum(skips), sum(timed), sum(lead_seconds)
FROM statistics_answercount WHERE NOT of_all AND {_ANSWERED} GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608 - every part stands above
_LEAD_TIMES = f"""
SELECT {", ".join(f"coalesce(sum(lead_times[{span}]), 0)" for span in range(1, len(LEAD_TIME_BORDERS) + 2))}
FROM statistics_answercount WHERE of_all = (%(person)s::bigint IS NULL) AND {_ANSWERED}
"""  # noqa: S608 - every part stands above
_LABELS = f"""
SELECT control, label, sum(uses) FROM statistics_labelcount WHERE {_IN_RANGE}
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT {MAX_LABELS}
"""  # noqa: S608 - every part stands above
_SCORES = """
SELECT model_version, span, sum(predictions) FROM statistics_scorecount WHERE project_id = %(project)s
GROUP BY 1, 2 HAVING sum(predictions) <> 0 ORDER BY 1, 2
"""
# When the last hour of a day had its last answer stands in the completions' own index; for people who are not known any
# more it is asked apart, because no index serves IS NOT DISTINCT FROM.
_LAST_ANSWER = """
SELECT created_at FROM completions_completion
WHERE project_id = %(project)s AND completed_by_id {person}
  AND created_at >= day.last_spell AND created_at < day.last_spell + make_interval(mins => %(minutes)s)
ORDER BY created_at DESC LIMIT 1
"""
_RECENT = f"""
SELECT day.person_id, day.completions, day.skips, coalesce(
    ({_LAST_ANSWER.format(person="= day.person_id")}),
    (SELECT found.created_at FROM ({_LAST_ANSWER.format(person="IS NULL")}) AS found WHERE day.person_id IS NULL),
    day.last_spell) AS until
FROM (
    SELECT person_id, sum(completions) AS completions, sum(skips) AS skips, max(begins_at) AS last_spell
    FROM statistics_answercount WHERE NOT of_all AND {_ANSWERED}
    GROUP BY person_id, {_SPELL} ORDER BY last_spell DESC FETCH FIRST {MAX_RECENT} ROWS WITH TIES
) AS day ORDER BY until DESC, person_id LIMIT {MAX_RECENT}
"""  # noqa: S608 - every part stands above
_BEGINNING = """
SELECT least((SELECT min(quarter) FROM statistics_taskcount WHERE project_id = %(project)s),
             (SELECT min(begins_at) FROM statistics_answercount
              WHERE project_id = %(project)s AND of_all AND minutes = 15))
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about.

    Attributes:
        person_id: whose answers alone are counted; None is everybody's.
    """

    project_id: int
    days: DayRange
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What one person answered in one period.

    Attributes:
        period: its place in the range.
        timed: completions that say how long they took, `lead_seconds` together.
    """

    period: int
    person_id: int | None
    completions: int
    skips: int
    timed: int
    lead_seconds: float


@dataclass(frozen=True, slots=True)
class Activity:
    """What one person answered on one day; `until` is when the last of it was answered."""

    person_id: int | None
    completions: int
    skips: int
    until: datetime


def task_changes(subject: Subject) -> dict[int, tuple[int, int]]:
    """Return how many tasks were added and labeled in each period, counted from 1; 0 is all the time before."""
    return {period: (int(added), int(labeled)) for period, added, labeled in _rows(_TASKS, subject)}


def answers(subject: Subject) -> list[Answered]:
    """Return what each person answered in each period, where they did."""
    return [
        Answered(period, person, int(completions), int(skips), int(timed), float(seconds))
        for period, person, completions, skips, timed, seconds in _rows(_ANSWERS, subject)
    ]


def lead_times(subject: Subject) -> list[int]:
    """Return how many completions fall into each span of lead times."""
    return [int(count) for count in _rows(_LEAD_TIMES, subject)[0]]


def labels(subject: Subject) -> list[tuple[str, str, int]]:
    """Return control, label and how often everybody used it, the most frequent first."""
    return [(control, label, int(uses)) for control, label, uses in _rows(_LABELS, subject)]


def scores(project_id: int) -> list[tuple[str, int, int]]:
    """Return model version, span of scores and how many predictions there are."""
    with connection.cursor() as cursor:
        cursor.execute(_SCORES, {"project": project_id})
        return [(version, span, int(count)) for version, span, count in cursor.fetchall()]


def recent_activity(subject: Subject) -> list[Activity]:
    """Return who answered last, and how much on that day; the range of `subject` does not matter, its zone does."""
    today = timezone.now().astimezone(subject.days.zone).date()
    last_days = DayRange(today - RECENT, today, subject.days.zone)
    found = _rows(_RECENT, Subject(subject.project_id, last_days, subject.person_id))
    return [Activity(person, int(done), int(skips), until) for person, done, skips, until in found]


def beginning_of(project_id: int) -> datetime | None:
    """Return when the first quarter of an hour began of which anything is counted."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGINNING, {"project": project_id})
        began: datetime | None = cursor.fetchone()[0]
    return began.astimezone(UTC) if began else None


def completions_by(project_id: int, person_id: int) -> int:
    """Return how many completions a person submitted in a project (skips apart), as far as they are counted."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_PERSON, {"project": project_id, "person": person_id})
        return int(cursor.fetchone()[0])


def _rows(statement: str, subject: Subject) -> list[tuple[Any, ...]]:
    """Read by the hour where the borders allow it."""
    borders = subject.days.borders
    minutes = 15 if any(border.minute for border in borders) else 60
    parameters: dict[str, Any] = {
        "project": subject.project_id, "person": subject.person_id, "borders": borders,
        "first": borders[0], "end": borders[-1], "minutes": minutes,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
