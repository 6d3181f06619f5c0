"""The counts of the statistics, and what they must be: counted in Python from the rows themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from apps.completions.models import Completion
from apps.predictions.models import Prediction
from apps.statistics.counting import count_block
from apps.statistics.models import AnswerCount, ChangedBlock, LabelCount, ScoreCount, TaskCount
from apps.statistics.spans import lead_time_spans
from apps.tasks.models import Task


def count_what_changed() -> None:
    """Do what the job and the pages do: count each block that was noted, and leave no note."""
    for project_id, block in set(ChangedBlock.objects.values_list("project_id", "block")):
        assert block is not None
        count_block(project_id, block)
    assert not ChangedBlock.objects.exists()


def quarter(moment: datetime) -> datetime:
    """Return when the quarter of an hour of a moment began."""
    return moment.astimezone(UTC).replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def assert_counts_are_right() -> None:
    """Compare every count with the rows it stands for, in all projects."""
    count_what_changed()
    _assert_answers_are_right(15, quarter)
    _assert_answers_are_right(60, lambda moment: quarter(moment).replace(minute=0))
    assert _labels() == _expected_labels()
    assert _tasks() == _expected_tasks()
    assert _scores() == _expected_scores()


Counts = dict[tuple[Any, ...], list[int]]


def _assert_answers_are_right(minutes: int, beginning: Callable[[datetime], datetime]) -> None:
    rows = AnswerCount.objects.filter(minutes=minutes)
    completions = list(Completion.objects.all())
    everybody = _sums((row.project_id, row.begins_at, _counted(row)) for row in rows.filter(of_all=True))
    each = _sums(
        ((row.project_id, row.person_id), row.begins_at, _counted(row)) for row in rows.filter(of_all=False)
    )
    assert everybody == _sums(
        (one.project_id, beginning(one.created_at), _expected(one)) for one in completions
    )
    assert each == _sums(
        ((one.project_id, one.completed_by_id), beginning(one.created_at), _expected(one))
        for one in completions
    )


def _sums(rows: Iterable[tuple[Any, datetime, list[int]]]) -> dict[tuple[Any, datetime], list[int]]:
    sums: dict[tuple[Any, datetime], list[int]] = {}
    for whose, when, numbers in rows:
        before = sums.setdefault((whose, when), [0] * len(numbers))
        sums[whose, when] = [one + other for one, other in zip(before, numbers, strict=True)]
    return sums


def _counted(row: AnswerCount) -> list[int]:
    return [row.completions, row.skips, row.timed, round(row.lead_seconds), *row.lead_times]


def _expected(completion: Completion) -> list[int]:
    """Lead times of tests are whole seconds, so that sums are exact."""
    skipped, seconds = completion.was_cancelled, completion.lead_time
    timed = not skipped and seconds is not None
    spans = [
        int(timed and first <= (seconds or 0) and (end is None or (seconds or 0) < end))
        for first, end in lead_time_spans()
    ]
    return [int(not skipped), int(skipped), int(timed), round(seconds or 0) if timed else 0, *spans]


def _labels() -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for row in LabelCount.objects.all():
        found[row.project_id, row.quarter, row.control, row.label] += row.uses
    return found


def _expected_labels() -> Counter[tuple[Any, ...]]:
    expected: Counter[tuple[Any, ...]] = Counter()
    for row in Completion.objects.filter(was_cancelled=False):
        for item in row.result:
            for label in item["value"].get(item["type"], []):
                expected[row.project_id, quarter(row.created_at), item["from_name"], label] += 1
    return expected


def _tasks() -> dict[tuple[int, datetime], tuple[int, int]]:
    added: Counter[tuple[int, datetime]] = Counter()
    labeled: Counter[tuple[int, datetime]] = Counter()
    for row in TaskCount.objects.all():
        added[row.project_id, row.quarter] += row.added
        labeled[row.project_id, row.quarter] += row.labeled
    return {key: (added[key], labeled[key]) for key in added | labeled if added[key] or labeled[key]}


def _expected_tasks() -> dict[tuple[int, datetime], tuple[int, int]]:
    tasks = Task.objects.all()
    added = Counter((task.project_id, quarter(task.created_at)) for task in tasks)
    labeled = Counter(
        (task.project_id, quarter(task.completed_at or task.created_at)) for task in tasks if task.is_labeled
    )
    return {key: (added[key], labeled[key]) for key in added | labeled}


def _scores() -> dict[tuple[int, str, int], int]:
    found: Counter[tuple[int, str, int]] = Counter()
    for row in ScoreCount.objects.all():
        found[row.project_id, row.model_version, row.span] += row.predictions
    return {key: count for key, count in found.items() if count}


def _expected_scores() -> dict[tuple[int, str, int], int]:
    return dict(
        Counter((row.project_id, row.model_version, _span(row.score)) for row in Prediction.objects.all())
    )


def _span(score: float | None) -> int:
    if score is None:
        return -2
    if not 0 <= score <= 1:
        return -1 if score < 0 else 20
    return min(int(score * 20), 19)
