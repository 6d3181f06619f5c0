"""Completions change hands, and no counter notices."""

from __future__ import annotations

from typing import Any

import pytest

from apps.audit.actions import AuditAction
from apps.audit.models import Entry
from apps.completions.handing_over import hand_over_completions
from apps.completions.models import Completion
from apps.core.errors import Conflict, NotAllowed, NotFound, ValidationFailed
from apps.projects.policy import Role
from apps.projects.queries import totals_of
from apps.tasks.models import Task
from tests.cast import Cast
from tests.factories import make_completion, make_member


def tasks() -> list[Task]:
    return list(Task.objects.order_by("pk"))


def counters(cast: Cast) -> Any:
    counted = Task.objects.order_by("pk").values_list(
        "completions_count", "skips_count", "answers_count", "is_labeled"
    )
    return list(counted), totals_of([cast.project.pk])


def hand_over(cast: Cast, *completions: Completion, to=None, by=None) -> int:
    return hand_over_completions(
        completion_ids=[row.pk for row in completions],
        to=to or cast.reviewer,
        handed_over_by=by or cast.manager,
    )


def behind(*completions: Completion) -> list[str]:
    rows = Completion.objects.filter(pk__in=[row.pk for row in completions]).order_by("pk")
    return list(rows.values_list("completed_by__email", flat=True))


def test_completions_get_another_person_and_counters_stay(cast):
    first, second = (make_completion(task, cast.annotator) for task in tasks()[:2])
    before = counters(cast)
    assert hand_over(cast, first, second) == 2
    assert behind(first, second) == ["reviewer@example.com"] * 2
    assert counters(cast) == before
    assert Completion.objects.get(pk=first.pk).updated_by == cast.manager


def test_it_is_in_the_audit_log_with_who_was_behind_them(cast):
    completion = make_completion(tasks()[0], cast.annotator)
    hand_over(cast, completion)
    told = Entry.objects.get(action=AuditAction.COMPLETIONS_HANDED_OVER)
    assert (told.actor, told.project_id, told.target_id) == (
        cast.manager, cast.project.pk, str(cast.reviewer.pk),
    )  # fmt: skip
    assert told.before == {"completed_by": {str(completion.pk): cast.annotator.pk}}
    assert told.after == {"completed_by": cast.reviewer.pk, "completions": 1}


def test_a_person_without_the_right_hands_nothing_over(cast):
    completion = make_completion(tasks()[0], cast.owner)
    with pytest.raises(NotAllowed):
        hand_over(cast, completion, to=cast.reviewer, by=cast.annotator)
    with pytest.raises(NotFound):
        hand_over(cast, completion, to=cast.reviewer, by=cast.stranger)
    assert behind(completion) == ["owner@example.com"]


@pytest.mark.parametrize("person", ["viewer", "stranger"])
def test_only_somebody_who_labels_there_gets_them(cast, person):
    completion = make_completion(tasks()[0], cast.annotator)
    with pytest.raises(ValidationFailed, match="does not label in project"):
        hand_over(cast, completion, to=getattr(cast, person))
    assert behind(completion) == ["annotator@example.com"]


def test_nobody_answers_one_task_twice(cast):
    mine = make_completion(tasks()[0], cast.reviewer)
    theirs, other = make_completion(tasks()[0], cast.annotator), make_completion(tasks()[1], cast.annotator)
    with pytest.raises(Conflict, match="has answered task"):
        hand_over(cast, theirs, other)
    assert behind(mine, theirs, other) == ["reviewer@example.com", *["annotator@example.com"] * 2]


def test_the_answers_of_one_person_to_a_task_stay_together(cast):
    skip = make_completion(tasks()[0], cast.annotator, was_cancelled=True)
    answer = make_completion(tasks()[0], cast.annotator)
    with pytest.raises(Conflict, match="by the same person"):
        hand_over(cast, answer)
    before = counters(cast)
    assert hand_over(cast, skip, answer) == 2
    assert counters(cast) == before


def test_two_people_do_not_become_one(cast):
    second = make_member(cast.project, Role.ANNOTATOR)
    rows = [make_completion(tasks()[0], person) for person in (cast.annotator, second)]
    with pytest.raises(Conflict, match="several people"):
        hand_over(cast, *rows)
    assert len(set(behind(*rows))) == 2
