"""Which tasks people get: the open queue, what is assigned to them, comparisons with ground truth."""

from __future__ import annotations

import pytest

from apps.completions.services import update_completion
from apps.projects.models import HandingOut, Project, Sampling, SkipRule
from apps.projects.policy import Role
from apps.projects.queries import totals_of
from apps.tasks.assigning import assign_tasks
from apps.tasks.leases import release_lease
from apps.tasks.models import Lease, Task
from apps.tasks.next_task import reserve_next
from tests.factories import choice, make_completion, make_member, make_project, owner_of, reserve_task

pytestmark = pytest.mark.django_db


def annotators(project: Project, count: int):
    return [make_member(project, Role.ANNOTATOR) for _ in range(count)]


def assign(project: Project, person, *numbers: int) -> None:
    ids = list(
        Task.objects.filter(project=project, inner_id__in=numbers).order_by("pk").values_list("pk", flat=True)
    )
    assign_tasks(project=project, task_ids=ids, user_ids=[person.pk], assigned_by=owner_of(project))


def next_number(project: Project, person) -> int | None:
    """Return the number of the task that somebody gets next, or has in hand."""
    task_id = reserve_next(project=project, user=person)
    return None if task_id is None else Task.objects.get(pk=task_id).inner_id


def work_through(project: Project, person, **fields) -> list[int]:
    """Let somebody answer whatever they get; return the tasks' numbers in their order."""
    given = []
    while (task_id := reserve_next(project=project, user=person)) is not None:
        task = Task.objects.get(pk=task_id)
        given.append(task.inner_id)
        make_completion(task, person, **fields)
        assert len(given) < 50, given
    return given


class TestAssignedOnly:
    """People get what is assigned to them, and nothing else."""

    def test_each_gets_their_own_tasks_in_the_order_of_the_project(self):
        project = make_project(tasks=5, handing_out=HandingOut.ASSIGNED_ONLY)
        first, second, third = annotators(project, 3)
        assign(project, first, 4, 2)
        assign(project, second, 1)
        assert work_through(project, first) == [2, 4]
        assert work_through(project, second) == [1]
        assert work_through(project, third) == []

    def test_two_people_who_are_assigned_a_task_that_needs_one_answer_do_not_both_get_it(self):
        project = make_project(tasks=1, handing_out=HandingOut.ASSIGNED_ONLY)
        first, second = annotators(project, 2)
        assign(project, first, 1)
        assign(project, second, 1)
        assert next_number(project, first) == 1
        assert next_number(project, second) is None

    def test_the_overlap_holds_among_more_people_than_it_needs(self):
        project = make_project(tasks=1, overlap=2, handing_out=HandingOut.ASSIGNED_ONLY)
        people = annotators(project, 3)
        for person in people:
            assign(project, person, 1)
        assert [next_number(project, person) for person in people] == [1, 1, None]

    @pytest.mark.parametrize(
        ("sampling", "order"),
        [(Sampling.PREDICTION_SCORE_MIN, [2, 3, 1]), (Sampling.PREDICTION_SCORE_MAX, [3, 2, 1])],
    )
    def test_scores_order_them_and_tasks_without_one_come_last(self, sampling, order):
        project = make_project(tasks=4, sampling=sampling, handing_out=HandingOut.ASSIGNED_ONLY)
        (person,) = annotators(project, 1)
        assign(project, person, 1, 2, 3)
        Task.objects.filter(inner_id=2).update(prediction_score=0.1)
        Task.objects.filter(inner_id=3).update(prediction_score=0.9)
        assert work_through(project, person) == order

    def test_at_random_they_all_come_once(self):
        project = make_project(tasks=9, sampling=Sampling.UNIFORM, handing_out=HandingOut.ASSIGNED_ONLY)
        (person,) = annotators(project, 1)
        assign(project, person, *range(1, 8))
        assert sorted(work_through(project, person)) == [1, 2, 3, 4, 5, 6, 7]

    def test_a_task_assigned_later_is_handed_out_then(self):
        project = make_project(tasks=2, handing_out=HandingOut.ASSIGNED_ONLY)
        (person,) = annotators(project, 1)
        assign(project, person, 2)
        assert work_through(project, person) == [2]
        assign(project, person, 1)
        assert work_through(project, person) == [1]


class TestAssignedFirst:
    """People get what is assigned to them, and then what is kept for nobody."""

    def test_the_open_queue_follows_without_what_is_kept_for_others(self):
        project = make_project(tasks=6, handing_out=HandingOut.ASSIGNED_FIRST)
        first, second = annotators(project, 2)
        assign(project, first, 5)
        assign(project, second, 1, 2)
        assert work_through(project, first) == [5, 6, 3, 4]
        assert work_through(project, second) == [1, 2]

    def test_slots_that_nobody_is_assigned_to_are_for_everybody(self):
        project = make_project(tasks=1, overlap=2, handing_out=HandingOut.ASSIGNED_FIRST)
        assignee, other, third = annotators(project, 3)
        assign(project, assignee, 1)
        assert next_number(project, other) == 1
        assert next_number(project, third) is None
        assert next_number(project, assignee) == 1

    def test_what_the_assignee_has_in_hand_is_kept_once(self):
        project = make_project(tasks=1, overlap=2, handing_out=HandingOut.ASSIGNED_FIRST)
        assignee, other = annotators(project, 2)
        assign(project, assignee, 1)
        assert next_number(project, assignee) == 1
        assert next_number(project, other) == 1

    def test_what_the_assignee_skipped_goes_to_others(self):
        project = make_project(tasks=1, handing_out=HandingOut.ASSIGNED_FIRST)
        assignee, other = annotators(project, 2)
        assign(project, assignee, 1)
        assert next_number(project, other) is None
        make_completion(Task.objects.get(), assignee, was_cancelled=True)
        assert next_number(project, other) == 1


def test_in_the_open_queue_assignments_say_nothing():
    project = make_project(tasks=3)
    first, second = annotators(project, 2)
    assign(project, second, 1, 2, 3)
    assert next_number(project, first) == 1


def mark_ground_truth(project: Project, *numbers: int) -> None:
    owner = owner_of(project)
    for task in Task.objects.filter(project=project, inner_id__in=numbers):
        completion = make_completion(task, owner)
        update_completion(completion_id=completion.pk, updated_by=owner, ground_truth=True)


class TestGroundTruth:
    """Every n-th task is one whose answer is known, to see how well somebody answers."""

    def test_every_third_task_has_a_ground_truth(self):
        project = make_project(tasks=10, ground_truth_every=3)
        (person,) = annotators(project, 1)
        mark_ground_truth(project, 8, 9)
        given = work_through(project, person)
        assert given[:2] + given[3:5] + given[6:] == [1, 2, 3, 4, 5, 6, 7, 10]
        assert {given[2], given[5]} == {8, 9}

    def test_never_is_the_default(self):
        project = make_project(tasks=4)
        (person,) = annotators(project, 1)
        mark_ground_truth(project, 1)
        assert work_through(project, person) == [2, 3, 4]

    def test_every_task_means_those_first(self):
        project = make_project(tasks=4, ground_truth_every=1)
        (person,) = annotators(project, 1)
        mark_ground_truth(project, 3, 4)
        given = work_through(project, person)
        assert (set(given[:2]), given[2:]) == ({3, 4}, [1, 2])

    def test_whoever_made_the_ground_truth_is_not_asked(self):
        project = make_project(tasks=3, ground_truth_every=1)
        mark_ground_truth(project, 1)
        assert work_through(project, owner_of(project)) == [2, 3]

    def test_the_answer_beyond_the_overlap_breaks_no_counter(self):
        project = make_project(tasks=2, ground_truth_every=1)
        first, second = annotators(project, 2)
        mark_ground_truth(project, 1)
        done_at = Task.objects.get(inner_id=1).completed_at
        assert [next_number(project, first), next_number(project, second)] == [1, 1]
        make_completion(Task.objects.get(inner_id=1), first)
        make_completion(Task.objects.get(inner_id=1), second)
        task = Task.objects.get(inner_id=1)
        assert (task.is_labeled, task.completions_count, task.answers_count) == (True, 3, 3)
        assert task.completed_at == done_at
        totals = totals_of([project.pk])[project.pk]
        assert (totals.tasks, totals.labeled_tasks, totals.completions) == (2, 1, 3)
        assert not Lease.objects.exists()

    def test_a_skipped_one_never_comes_back_to_the_same_person(self):
        project = make_project(tasks=1, ground_truth_every=1, skip_rule=SkipRule.REQUEUE_FOR_ME)
        (person,) = annotators(project, 1)
        mark_ground_truth(project, 1)
        assert work_through(project, person, was_cancelled=True) == [1]

    def test_asking_again_returns_the_one_in_hand(self):
        project = make_project(tasks=4, ground_truth_every=1)
        (person,) = annotators(project, 1)
        mark_ground_truth(project, 2, 3, 4)
        assert next_number(project, person) == next_number(project, person)
        assert Lease.objects.get().is_comparison

    def test_one_that_needs_more_answers_is_handed_out_like_any_other(self):
        project = make_project(tasks=2, overlap=2, ground_truth_every=1)
        first, second = annotators(project, 2)
        mark_ground_truth(project, 1)
        assert next_number(project, first) == 1
        assert next_number(project, second) == 2

    def test_they_are_mixed_into_what_is_assigned_and_into_nothing_else(self):
        project = make_project(tasks=5, ground_truth_every=2, handing_out=HandingOut.ASSIGNED_ONLY)
        (person,) = annotators(project, 1)
        mark_ground_truth(project, 1, 2)
        assign(project, person, 3)
        given = work_through(project, person)
        assert given[0] == 3
        assert given[1:] in ([1], [2])

    def test_the_one_in_hand_counts_when_another_is_reserved_besides_it(self):
        project = make_project(tasks=4, ground_truth_every=2)
        (person,) = annotators(project, 1)
        mark_ground_truth(project, 4)
        in_hand = reserve_task(project, person)
        besides = reserve_task(project, person, besides=in_hand)
        assert [Task.objects.get(pk=pk).inner_id for pk in (in_hand, besides)] == [1, 4]

    def test_with_overlap_the_queue_goes_on_where_it_was_before(self):
        project = make_project(tasks=6, overlap=2, ground_truth_every=3)
        first, second = annotators(project, 2)
        mark_ground_truth(project, 1)
        make_completion(Task.objects.get(inner_id=1), second)
        for number in (3, 4):
            make_completion(Task.objects.get(inner_id=number), first)
        assert next_number(project, first) == 1
        make_completion(Task.objects.get(inner_id=1), first)
        assert next_number(project, first) == 5


class TestBesides:
    """One more task is reserved besides the one in hand, so that Submit shows it at once."""

    def test_it_is_another_one_and_the_first_stays_the_one_in_hand(self):
        project = make_project(tasks=3)
        (person,) = annotators(project, 1)
        in_hand = reserve_task(project, person)
        besides = reserve_task(project, person, besides=in_hand)
        assert besides not in (None, in_hand)
        assert reserve_next(project=project, user=person, besides=in_hand) == besides
        assert reserve_next(project=project, user=person) == in_hand
        assert Lease.objects.count() == 2

    def test_after_the_first_is_submitted_it_is_the_one_in_hand(self):
        project = make_project(tasks=3)
        (person,) = annotators(project, 1)
        in_hand = reserve_task(project, person)
        besides = reserve_task(project, person, besides=in_hand)
        make_completion(Task.objects.get(pk=in_hand), person)
        assert reserve_next(project=project, user=person) == besides

    def test_the_last_task_has_none_besides_it(self):
        project = make_project(tasks=1, overlap=2)
        (person,) = annotators(project, 1)
        in_hand = reserve_task(project, person)
        assert reserve_next(project=project, user=person, besides=in_hand) is None
        assert Lease.objects.count() == 1

    def test_it_keeps_the_overlap(self):
        project = make_project(tasks=2)
        first, second = annotators(project, 2)
        in_hand = reserve_task(project, first)
        besides = reserve_task(project, first, besides=in_hand)
        assert reserve_next(project=project, user=second) is None
        release_lease(task_id=besides, user_id=first.pk)
        assert reserve_next(project=project, user=second) == besides

    def test_a_task_that_was_opened_by_its_address_is_besides_too(self):
        project = make_project(tasks=2)
        (person,) = annotators(project, 1)
        opened = Task.objects.get(inner_id=1)
        assert reserve_next(project=project, user=person, besides=opened.pk) != opened.pk

    def test_an_id_that_is_none_is_refused(self, api):
        project = make_project(tasks=2)
        (person,) = annotators(project, 1)
        answer = api(person).get(f"/api/projects/{project.pk}/next?besides=first")
        assert (answer.status_code, list(answer.json()["validation_errors"])) == (400, ["besides"])
        assert not Lease.objects.exists()

    def test_the_id_of_somebody_elses_task_says_nothing_about_it(self, api):
        project, other = make_project(tasks=1), make_project(tasks=1)
        (person,) = annotators(project, 1)
        foreign = Task.objects.get(project=other)
        answer = api(person).get(f"/api/projects/{project.pk}/next?besides={foreign.pk}")
        assert (answer.status_code, answer.json()["project"]) == (200, project.pk)


class TestSkipping:
    """What becomes of a skipped task, with overlap and with a task besides it."""

    def skip(self, task_id: int, person) -> None:
        make_completion(Task.objects.get(pk=task_id), person, result=choice(), was_cancelled=True)

    def test_it_goes_to_others_and_the_one_besides_it_is_next(self):
        project = make_project(tasks=2, overlap=1)
        first, second = annotators(project, 2)
        in_hand = reserve_task(project, first)
        besides = reserve_task(project, first, besides=in_hand)
        self.skip(in_hand, first)
        assert reserve_next(project=project, user=first) == besides
        assert reserve_next(project=project, user=first, besides=besides) is None
        assert reserve_next(project=project, user=second) == in_hand

    def test_with_overlap_it_still_gets_as_many_answers_by_others(self):
        project = make_project(tasks=1, overlap=2)
        first, second, third = annotators(project, 3)
        self.skip(reserve_task(project, first), first)
        assert work_through(project, second) == [1]
        assert work_through(project, third) == [1]
        assert (Task.objects.get().answers_count, Task.objects.get().skips_count) == (2, 1)

    def test_it_comes_back_to_me_but_not_besides_itself(self):
        project = make_project(tasks=1, skip_rule=SkipRule.REQUEUE_FOR_ME)
        (person,) = annotators(project, 1)
        task_id = reserve_task(project, person)
        self.skip(task_id, person)
        assert reserve_next(project=project, user=person) == task_id
        assert reserve_next(project=project, user=person, besides=task_id) is None

    def test_it_comes_back_to_me_after_what_is_left_at_the_front(self):
        project = make_project(tasks=3, overlap=2, skip_rule=SkipRule.REQUEUE_FOR_ME)
        (person,) = annotators(project, 1)
        first, second, third = Task.objects.order_by("pk")
        make_completion(second, person)
        self.skip(third.pk, person)
        assert reserve_next(project=project, user=person) == first.pk
        make_completion(first, person)
        assert reserve_next(project=project, user=person) == third.pk

    def test_one_that_is_assigned_comes_back_to_me_too(self):
        project = make_project(
            tasks=2, skip_rule=SkipRule.REQUEUE_FOR_ME, handing_out=HandingOut.ASSIGNED_ONLY
        )
        (person,) = annotators(project, 1)
        assign(project, person, 1, 2)
        self.skip(reserve_task(project, person), person)
        assert work_through(project, person) == [2, 1]

    def test_as_done_it_takes_one_of_the_slots(self):
        project = make_project(tasks=1, overlap=2, skip_rule=SkipRule.IGNORE_SKIPPED)
        first, second, third = annotators(project, 3)
        self.skip(reserve_task(project, first), first)
        assert work_through(project, second) == [1]
        assert work_through(project, third) == []
        assert Task.objects.get().is_labeled
