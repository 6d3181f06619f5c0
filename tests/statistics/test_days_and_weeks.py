"""Whose days are meant: an answer belongs to the day it was given on in the time zone of whoever looks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from apps.completions.models import Completion
from apps.core.errors import ValidationFailed
from apps.projects.models import Project
from apps.statistics.charts import Chart, Statistics
from apps.statistics.ranges import DayRange, Period, read_range
from apps.tasks.models import Task
from tests.factories import make_completion, make_project, owner_of
from tests.statistics.recounting import count_what_changed


def days_with_completions(project: Project, zone: str) -> dict[str, int]:
    days = DayRange(date(2026, 3, 1), date(2026, 4, 30), ZoneInfo(zone))
    owner = owner_of(project)
    seen = Project.objects.for_user(owner).get(pk=project.pk)
    table = Statistics(project=seen, viewer=owner, days=days).table(Chart.THROUGHPUT)
    return {row[0]: row[3] for row in table.rows}


def answered_at(*moments: datetime) -> Project:
    project = make_project(tasks=len(moments))
    for task, moment in zip(Task.objects.order_by("pk"), moments, strict=True):
        completion = make_completion(task, owner_of(project))
        Completion.objects.filter(pk=completion.pk).update(created_at=moment)
    count_what_changed()
    return project


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", "2026-03-10"), ("Europe/Berlin", "2026-03-10"), ("Asia/Kolkata", "2026-03-11"),
        ("Asia/Kathmandu", "2026-03-11"), ("Pacific/Honolulu", "2026-03-10"), ("Pacific/Kiritimati", "2026-03-11"),
    ],
)  # fmt: skip
def test_an_answer_belongs_to_the_day_of_the_time_zone(db: None, zone: str, day: str) -> None:
    project = answered_at(datetime(2026, 3, 10, 18, 30, tzinfo=UTC))

    assert days_with_completions(project, zone) == {day: 1}


def test_midnight_parts_the_days_to_the_quarter_of_an_hour(db: None) -> None:
    before, after = datetime(2026, 3, 10, 18, 14, 59, tzinfo=UTC), datetime(2026, 3, 10, 18, 15, tzinfo=UTC)

    project = answered_at(before, after)

    assert days_with_completions(project, "Asia/Kathmandu") == {"2026-03-10": 1, "2026-03-11": 1}


def test_the_day_on_which_the_clocks_change_has_23_hours(db: None) -> None:
    first, last = datetime(2026, 3, 28, 23, 0, tzinfo=UTC), datetime(2026, 3, 29, 21, 59, tzinfo=UTC)
    project = answered_at(first, last, datetime(2026, 3, 29, 22, 0, tzinfo=UTC))

    assert days_with_completions(project, "Europe/Berlin") == {"2026-03-29": 2, "2026-03-30": 1}


def test_weeks_begin_on_monday_and_the_first_one_with_the_range() -> None:
    days = DayRange(date(2026, 3, 4), date(2026, 3, 16), ZoneInfo("UTC"), Period.WEEK)

    assert days.periods == [date(2026, 3, 4), date(2026, 3, 9), date(2026, 3, 16)]
    assert days.borders[-1] == datetime(2026, 3, 17, tzinfo=UTC)


def test_progress_adds_up_from_before_the_range(db: None) -> None:
    project = make_project(tasks=3)
    early, late, _ = Task.objects.order_by("pk")
    for task, moment in ((early, datetime(2026, 1, 5, tzinfo=UTC)), (late, datetime(2026, 3, 2, tzinfo=UTC))):
        make_completion(task, owner_of(project))
        Task.objects.filter(pk=task.pk).update(completed_at=moment)
    days = DayRange(date(2026, 3, 1), date(2026, 3, 2), ZoneInfo("UTC"))
    seen = Project.objects.for_user(owner_of(project)).get(pk=project.pk)

    table = Statistics(project=seen, viewer=owner_of(project), days=days).table(Chart.PROGRESS)

    assert [row[0:3] for row in table.rows] == [("2026-03-01", 0, 0), ("2026-03-02", 0, 1)]
    assert [row[4] for row in table.rows] == [1, 2]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"from": "yesterday"}, "from"), ({"to": "2026-02-30"}, "to"), ({"from": "0001-01-01"}, "from"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "from"), ({"range": "-3"}, "range"), ({"range": "٣"}, "range"),
        ({"by": "year"}, "by"), ({"from": "2000-01-01", "to": "2020-01-01", "by": "day"}, "from"),
        ({"to": "2999-12-31", "from": "2000-01-01"}, "from"),
    ],
)  # fmt: skip
def test_ranges_that_are_none_are_refused_by_name(parameters: dict[str, str], field: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        read_range(parameters, zone=ZoneInfo("UTC"), beginning=None)

    assert list(refused.value.fields) == [field]


def test_longer_ranges_are_by_week() -> None:
    by_day = read_range({"from": "2026-01-01", "to": "2026-04-02"}, zone=ZoneInfo("UTC"), beginning=None)
    by_week = read_range({"from": "2026-01-01", "to": "2026-04-03"}, zone=ZoneInfo("UTC"), beginning=None)

    assert (by_day.by, by_week.by) == (Period.DAY, Period.WEEK)


def test_all_begins_with_the_first_thing_known() -> None:
    days = read_range({"range": "all", "to": "2026-03-05"}, zone=ZoneInfo("UTC"), beginning=date(2026, 2, 1))

    assert (days.first, days.last) == (date(2026, 2, 1), date(2026, 3, 5))
