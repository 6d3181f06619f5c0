"""The charts of a project as tables: what JSON, CSV and pages show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from typing import Any

from apps.accounts.models import User
from apps.core.errors import NotAllowed, NotFound
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.statistics import queries
from apps.statistics.queries import Answered, Subject
from apps.statistics.ranges import DayRange
from apps.statistics.spans import lead_time_spans, score_span

UNKNOWN_PERSON = "Unknown person"
"""Who answered what belongs to nobody: imported without a name, or by an account that was deleted."""


class Chart(StrEnum):
    """The charts there are."""

    PROGRESS = "progress"
    THROUGHPUT = "throughput"
    LEAD_TIMES = "lead-times"
    LABELS = "labels"
    SKIPS = "skips"
    SCORES = "scores"


_ABOUT_EVERYBODY = frozenset({Chart.LABELS, Chart.SCORES})
"""Charts that are not counted by person."""


@dataclass(frozen=True, slots=True)
class Table:
    """A chart's numbers."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def charts_in(project: Project) -> list[Chart]:
    """Return the charts that somebody may see in a project that was read for them."""
    return [chart for chart in Chart if sees_everybody(project) or chart not in _ABOUT_EVERYBODY]


def sees_everybody(project: Project) -> bool:
    """Whether somebody sees other people's numbers in a project that was read for them."""
    return allows(project.my_role, Action.VIEW_ALL_COMPLETIONS) or project.show_completions_to_annotators


def chart_named(name: str) -> Chart:
    """Return the chart called `name`.

    Raises:
        NotFound: there is none.
    """
    if name not in list(Chart):
        raise NotFound(f'There is no chart "{name[:80]}". Use one of {", ".join(Chart)}.')
    return Chart(name)


class Statistics:
    """The numbers of a project in a range of days, as `viewer` may see them; each is read once, when it is asked for.

    Args:
        project: read for `viewer`, with their role.
    """

    def __init__(self, *, project: Project, viewer: User, days: DayRange) -> None:
        self.days = days
        self.sees_everybody = sees_everybody(project)
        self.subject = Subject(project.pk, days, None if self.sees_everybody else viewer.pk)

    @cached_property
    def answers(self) -> list[Answered]:
        """What each person answered in each period."""
        return queries.answers(self.subject)

    @cached_property
    def people(self) -> dict[int | None, str]:
        """The names of everybody in `answers`."""
        ids = {answered.person_id for answered in self.answers}
        return names_of(ids)

    def table(self, chart: Chart) -> Table:
        """Return the numbers of a chart.

        Raises:
            NotAllowed: they are about more than the viewer's own work.
        """
        return _TABLES[chart](self)


def names_of(person_ids: set[int | None]) -> dict[int | None, str]:
    """Return how people are called, by id."""
    known = [person_id for person_id in person_ids if person_id is not None]
    people = User.objects.filter(pk__in=known).only("email", "first_name", "last_name")
    names: dict[int | None, str] = {person.pk: person.display_name for person in people}
    return {person_id: names.get(person_id, UNKNOWN_PERSON) for person_id in person_ids}


def _progress(statistics: Statistics) -> Table:
    changes = queries.task_changes(statistics.subject)
    first_days = statistics.days.periods
    steps = [changes.get(period, (0, 0)) for period in range(len(first_days) + 1)]
    sums = list(accumulate(steps, lambda sum_, step: (sum_[0] + step[0], sum_[1] + step[1])))
    rows = [
        (day.isoformat(), added, labeled, tasks, labeled_tasks, tasks - labeled_tasks)
        for day, (added, labeled), (tasks, labeled_tasks) in zip(first_days, steps[1:], sums[1:], strict=True)
    ]
    return Table(("from", "added", "labeled", "tasks", "labeled_tasks", "tasks_left"), rows)


def _throughput(statistics: Statistics) -> Table:
    days, people = statistics.days.periods, statistics.people
    rows = [
        (
            days[one.period].isoformat(), one.person_id, people[one.person_id], one.completions, one.timed,
            round(one.lead_seconds, 3),
        )
        for one in statistics.answers if one.completions
    ]  # fmt: skip
    return Table(("from", "person_id", "person", "completions", "timed_completions", "lead_seconds"), rows)


def _skips(statistics: Statistics) -> Table:
    days, people = statistics.days.periods, statistics.people
    rows = [
        (days[one.period].isoformat(), one.person_id, people[one.person_id], one.skips)
        for one in statistics.answers
        if one.skips
    ]
    return Table(("from", "person_id", "person", "skips"), rows)


def _lead_times(statistics: Statistics) -> Table:
    counts = queries.lead_times(statistics.subject)
    rows = [(*span, count) for span, count in zip(lead_time_spans(), counts, strict=True)]
    return Table(("from_seconds", "to_seconds", "completions"), rows)


def _labels(statistics: Statistics) -> Table:
    _require_seeing_everybody(statistics)
    return Table(("control", "label", "uses"), [*queries.labels(statistics.subject)])


def _scores(statistics: Statistics) -> Table:
    _require_seeing_everybody(statistics)
    found = queries.scores(statistics.subject.project_id)
    rows = [(version, *score_span(span), count) for version, span, count in found]
    return Table(("model_version", "from_score", "to_score", "predictions"), rows)


def _require_seeing_everybody(statistics: Statistics) -> None:
    if not statistics.sees_everybody:
        raise NotAllowed(
            "You see the progress of this project and your own numbers; this chart is about everybody's."
        )


_TABLES: dict[Chart, Callable[[Statistics], Table]] = {
    Chart.PROGRESS: _progress,
    Chart.THROUGHPUT: _throughput,
    Chart.LEAD_TIMES: _lead_times,
    Chart.LABELS: _labels,
    Chart.SKIPS: _skips,
    Chart.SCORES: _scores,
}
