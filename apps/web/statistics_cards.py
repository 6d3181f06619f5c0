"""The charts of a project's overview as cards: what is drawn, the same as a table, and what an empty one says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString

from apps.core.counted import counted
from apps.core.json import dumps
from apps.statistics.charts import Chart, Statistics
from apps.statistics.queries import Answered
from apps.statistics.ranges import Period

MAX_SERIES = 8
"""So many people or model versions have a colour of their own; the others are one."""

MAX_BARS = 12
MAX_CONTROLS = 6
OTHERS = "Others"


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart as the browser draws it: `kind` is "area", "columns" or "bars"; a series is a name and its values."""

    kind: str
    categories: list[str]
    series: list[tuple[str, list[int]]]
    stacked: bool = False
    title: str = ""

    def json(self) -> str:
        """Return it as the page's script reads it."""
        series = [{"name": name, "values": values} for name, values in self.series]
        document = {
            "kind": self.kind, "categories": self.categories, "series": series, "stacked": self.stacked,
        }  # fmt: skip
        return dumps(document).decode()


@dataclass(frozen=True, slots=True)
class Card:
    """A chart with all that stands around it.

    Attributes:
        summary: the picture in words, for everybody, and above all for those who do not see it.
        empty: what to do when there is nothing to draw.
    """

    chart: Chart
    title: str
    summary: str
    empty: str
    pictures: list[Picture]
    head: Sequence[str]
    rows: list[Sequence[Any]] = field(default_factory=list)
    is_wide: bool = False

    @property
    def has_data(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self.rows)

    @property
    def cells(self) -> list[list[str]]:
        """The rows of the table as people read them."""
        return [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in self.rows]

    @property
    def table_rows(self) -> SafeString:
        """The same in HTML: templates would take long for hundreds of cells."""
        rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in self.cells)
        return SafeString("".join(f"<tr>{row}</tr>" for row in rows))


def cards_of(statistics: Statistics) -> list[Card]:
    """Return the cards for the viewer of `statistics`; those that they may not see say why."""
    cards = [_progress(statistics), _throughput(statistics), _lead_times(statistics)]
    cards.append(_labels(statistics) if statistics.sees_everybody else _about_everybody(Chart.LABELS))
    cards.append(_skips(statistics))
    cards.append(_scores(statistics) if statistics.sees_everybody else _about_everybody(Chart.SCORES))
    return cards


_WHY_HIDDEN = {
    Chart.LABELS: (
        "Labels",
        "Labels are counted for everybody together. You see your own work here, so this chart is for managers,"
        " reviewers and viewers. Your own answers, with their labels, stand under Tasks.",
    ),
    Chart.SCORES: (
        "Scores of predictions",
        "How sure the model is could sway your own answers, so this chart is for managers, reviewers and viewers.",
    ),
}


def _about_everybody(chart: Chart) -> Card:
    """Return the card of a chart that is not for this person: it says why."""
    title, reason = _WHY_HIDDEN[chart]
    return Card(chart, title, summary="", empty=reason, pictures=[], head=())


def _progress(statistics: Statistics) -> Card:
    rows = statistics.table(Chart.PROGRESS).rows
    total, labeled, left = rows[-1][3:6]
    began = rows[0][4] - rows[0][2]
    picture = Picture(
        "area", [row[0] for row in rows],
        [("Labeled", [row[4] for row in rows]), ("Left", [max(row[5], 0) for row in rows])], stacked=True,
    )  # fmt: skip
    gained = f"{labeled - began:+,}" if labeled != began else "none"
    summary = f"{labeled:,} of {total:,} tasks labeled, {left:,} left; {gained} in these days."
    return Card(
        Chart.PROGRESS, "Progress over time", summary,
        "There were no tasks yet. Import tasks, or choose later days.",
        [picture], (_period_word(statistics), "Added", "Newly labeled", "Tasks", "Labeled", "Left"),
        [*rows] if total or any(row[3] for row in rows) else [], is_wide=True,
    )  # fmt: skip


def _throughput(statistics: Statistics) -> Card:
    done = [one for one in statistics.answers if one.completions]
    total, skips = sum(one.completions for one in done), sum(one.skips for one in statistics.answers)
    everybody = statistics.sees_everybody
    people = len({one.person_id for one in done})
    by = f" by {people:,} {'person' if people == 1 else 'people'}" if everybody else ""
    return Card(
        Chart.THROUGHPUT, "Completions by person" if everybody else "Your completions",
        f"{counted(total, 'completion')}{by}, and {counted(skips, 'skip')}.",
        "Nobody submitted a completion in these days. Choose a longer range, or label a task.",
        [_by_person(statistics, [(one, one.completions) for one in done])],
        ("Person", "Completions", "Skips", "Average time"), _people_rows(statistics) if total else [],
    )  # fmt: skip


def _people_rows(statistics: Statistics) -> list[Sequence[Any]]:
    sums: dict[int | None, list[float]] = defaultdict(lambda: [0, 0, 0, 0.0])
    for one in statistics.answers:
        numbers = (one.completions, one.skips, one.timed, one.lead_seconds)
        sums[one.person_id] = [
            before + number for before, number in zip(sums[one.person_id], numbers, strict=True)
        ]
    ranked = sorted(sums.items(), key=lambda entry: (-entry[1][0], -entry[1][1], str(entry[0])))
    return [
        (statistics.people[person], int(done), int(skips), duration(seconds / timed) if timed else "–")
        for person, (done, skips, timed, seconds) in ranked
    ]


def _skips(statistics: Statistics) -> Card:
    skipped = [one for one in statistics.answers if one.skips]
    by_person: Counter[int | None] = Counter()
    for one in skipped:
        by_person[one.person_id] += one.skips
    total = by_person.total()
    answers = total + sum(one.completions for one in statistics.answers)
    share = f" That is {total * 100 / answers:.1f} % of all answers." if answers else ""
    return Card(
        Chart.SKIPS, "Skips by person" if statistics.sees_everybody else "Your skips",
        f"{counted(total, 'skip')}.{share}",
        "Nobody skipped a task in these days. Many skips tell of unclear instructions or bad data.",
        [_by_person(statistics, [(one, one.skips) for one in skipped])],
        ("Person", "Skips"), [(statistics.people[person], count) for person, count in by_person.most_common()],
    )  # fmt: skip


def _by_person(statistics: Statistics, numbers: list[tuple[Answered, int]]) -> Picture:
    """Return columns over time, stacked by person; those who did least are one series."""
    days = [day.isoformat() for day in statistics.days.periods]
    totals: Counter[int | None] = Counter()
    for one, number in numbers:
        totals[one.person_id] += number
    own = [person for person, _ in totals.most_common(MAX_SERIES)]
    values = {person: [0] * len(days) for person in own}
    others = [0] * len(days)
    for one, number in numbers:
        values.get(one.person_id, others)[one.period] += number
    series = [(statistics.people[person], values[person]) for person in own]
    if any(others):
        series.append((OTHERS, others))
    return Picture("columns", days, series, stacked=True)


def _lead_times(statistics: Statistics) -> Card:
    rows = statistics.table(Chart.LEAD_TIMES).rows
    names = [_span_name(first, end) for first, end, _ in rows]
    counts = [count for *_, count in rows]
    timed = sum(one.timed for one in statistics.answers)
    seconds = sum(one.lead_seconds for one in statistics.answers)
    summary = "No completion of these days says how long it took."
    if timed:
        middle = _middle_span(counts)
        summary = f"{duration(seconds / timed)} on average; the median is {names[middle]}."
    return Card(
        Chart.LEAD_TIMES, "Time for a completion" if statistics.sees_everybody else "Your time for a completion",
        summary, "No completion of these days says how long it took. The label page measures it by itself.",
        [Picture("columns", names, [("Completions", counts)])], ("Time", "Completions"),
        [*zip(names, counts, strict=True)] if any(counts) else [],
    )  # fmt: skip


def _middle_span(counts: list[int]) -> int:
    half, passed = (sum(counts) + 1) // 2, 0
    for index, count in enumerate(counts):
        passed += count
        if passed >= half:
            return index
    return 0


def _labels(statistics: Statistics) -> Card:
    rows = statistics.table(Chart.LABELS).rows
    by_control: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for control, label, uses in rows:
        by_control[control].append((label, uses))
    pictures = [_bars(control, used) for control, used in [*by_control.items()][:MAX_CONTROLS]]
    uses = sum(row[2] for row in rows)
    rarest = f" The rarest is {rows[-1][1]} ({rows[-1][2]:,})." if len(rows) > 1 else ""
    summary = (
        f"{counted(uses, 'label')}; the most frequent is {rows[0][1]} ({rows[0][2]:,}).{rarest}"
        if rows
        else ""
    )
    return Card(
        Chart.LABELS, "Labels", summary,
        "No labels or choices were used in these days. They are counted for each control of the labeling config.",
        pictures, ("Control", "Label", "Uses"), [*rows],
    )  # fmt: skip


def _bars(control: str, used: list[tuple[str, int]]) -> Picture:
    shown, rest = used[:MAX_BARS], sum(count for _, count in used[MAX_BARS:])
    bars = [*shown, (OTHERS, rest)] if rest else shown
    return Picture(
        "bars", [label for label, _ in bars], [("Uses", [count for _, count in bars])], title=control
    )


def _scores(statistics: Statistics) -> Card:
    return scores_card(statistics.table(Chart.SCORES).rows)


def scores_card(rows: Sequence[tuple[Any, ...]]) -> Card:
    """Return the card of the scores of predictions.

    Args:
        rows: model version, from and to which score, and how many predictions.
    """
    spans = sorted(
        {(first, end) for _, first, end, _ in rows}, key=lambda span: (span == (None, None), span[0] or -1)
    )
    names = {span: _score_name(*span) for span in spans}
    versions = list(dict.fromkeys(row[0] for row in rows))
    counts = {(version, first, end): count for version, first, end, count in rows}
    series = [
        (version or "no version", [counts.get((version, *span), 0) for span in spans])
        for version in versions[-MAX_SERIES:]
    ]
    total = sum(row[3] for row in rows)
    summary = (
        f"{counted(total, 'prediction')} of {counted(len(versions), 'model version')}, whatever the days."
    )
    return Card(
        Chart.SCORES, "Scores of predictions", summary,
        "There are no predictions. Import tasks with predictions to see how sure the model is.",
        [Picture("columns", [names[span] for span in spans], series)], ("Model version", "Score", "Predictions"),
        [(version or "no version", names[first, end], count) for version, first, end, count in rows],
    )  # fmt: skip


def _period_word(statistics: Statistics) -> str:
    return "Week from" if statistics.days.by is Period.WEEK else "Day"


def _score_name(first: float | None, end: float | None) -> str:
    if first is None and end is None:
        return "none"
    if first is None:
        return f"below {end:g}"
    return f"above {first:g}" if end is None else f"{first:.2f}–{end:.2f}"


def _span_name(first: int, end: int | None) -> str:
    if end is None:
        return f"over {duration(first)}"
    return f"under {duration(end)}" if first == 0 else f"{duration(first)} – {duration(end)}"


def duration(seconds: float) -> str:
    """Return a time as people say it: 12 s, 3 min, 1.5 h."""
    if seconds < 100 and seconds not in (60,):
        return f"{seconds:.0f} s" if seconds >= 10 or seconds == int(seconds) else f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{seconds / 60:.1f}".removesuffix(".0") + " min"
    return f"{seconds / 3600:.1f}".removesuffix(".0") + " h"
