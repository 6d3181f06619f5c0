"""Marking many completions as ground truth: each gets its version, the counters follow, and the statements stay few."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.completions.ground_truth import mark_latest, set_marks, take_marks_away
from apps.completions.models import Completion, CompletionAction, Revision
from apps.core.errors import NotAllowed
from apps.projects.archiving import archive_project
from apps.projects.queries import totals_of
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import make_completion, make_project, make_tasks


def ids_of(tasks: list[Task]) -> list[int]:
    return [task.pk for task in tasks]


def test_the_latest_completion_of_each_task_is_marked_with_a_version_of_its_own(cast: Cast) -> None:
    first, second, third = Task.objects.order_by("pk")
    earlier = make_completion(first, cast.annotator)
    latest = make_completion(first, cast.reviewer)
    make_completion(second, cast.annotator, was_cancelled=True)

    marked = mark_latest(project=cast.project, task_ids=ids_of([first, second, third]), marked_by=cast.owner)

    assert marked == [latest.pk]
    for row in (earlier, latest, first):
        row.refresh_from_db()
    assert (earlier.ground_truth, earlier.version) == (False, 1)
    assert (latest.ground_truth, latest.version, latest.updated_by) == (True, 2, cast.owner)
    assert latest.last_action == CompletionAction.GROUND_TRUTH_SET
    assert Revision.objects.get().version == 1
    assert (first.ground_truths_count, first.is_labeled, first.completions_count) == (1, True, 2)
    assert totals_of([cast.project.pk])[cast.project.pk].ground_truths == 1


def test_who_is_marked_already_stays_as_it_is(cast: Cast) -> None:
    task = Task.objects.earliest("pk")
    marked = make_completion(task, cast.annotator, ground_truth=True)

    assert mark_latest(project=cast.project, task_ids=[task.pk], marked_by=cast.owner) == []

    marked.refresh_from_db()
    assert (marked.version, Revision.objects.count()) == (1, 0)


def test_marks_are_taken_away_and_given_back(cast: Cast) -> None:
    task = Task.objects.earliest("pk")
    both = [make_completion(task, person, ground_truth=True) for person in (cast.annotator, cast.reviewer)]

    taken = take_marks_away(project=cast.project, task_ids=[task.pk], marked_by=cast.owner)
    task.refresh_from_db()
    assert (taken, task.ground_truths_count) == ([row.pk for row in both], 0)
    assert totals_of([cast.project.pk])[cast.project.pk].ground_truths == 0

    back = set_marks(project=cast.project, completion_ids=taken[:1], marked_by=cast.owner, ground_truth=True)
    task.refresh_from_db()
    assert (back, task.ground_truths_count) == (taken[:1], 1)
    assert list(Completion.objects.filter(ground_truth=True)) == both[:1]


def test_completions_of_other_projects_are_left_alone(cast: Cast) -> None:
    elsewhere = make_project(cast.stranger, tasks=1)
    foreign = make_completion(elsewhere.tasks.get(), cast.stranger)

    marked = set_marks(
        project=cast.project, completion_ids=[foreign.pk], marked_by=cast.owner, ground_truth=True
    )

    foreign.refresh_from_db()
    assert (marked, foreign.ground_truth) == ([], False)


def test_nothing_is_marked_in_an_archived_project(cast: Cast) -> None:
    task = Task.objects.earliest("pk")
    make_completion(task, cast.annotator)
    archive_project(project_id=cast.project.pk, archived_by=cast.owner)

    with pytest.raises(NotAllowed):
        mark_latest(project=cast.project, task_ids=[task.pk], marked_by=cast.owner)

    assert not Completion.objects.filter(ground_truth=True).exists()


def test_many_completions_take_as_many_statements_as_one(cast: Cast) -> None:
    tasks = make_tasks(cast.project, [{"text": str(number)} for number in range(30)])
    for task in tasks:
        make_completion(task, cast.annotator)

    def statements(some: list[Task]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert len(mark_latest(project=cast.project, task_ids=ids_of(some), marked_by=cast.owner)) == len(
                some
            )
        return len(queries)

    statements(tasks[:1])  # prepares what is prepared once a connection
    assert statements(tasks[1:2]) == statements(tasks[2:])
