"""However many people ask at once, no slot of a task is given to two of them."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from django.utils import timezone

from apps.completions.models import Completion
from apps.completions.services import update_completion
from apps.projects.models import HandingOut, Sampling, SkipRule
from apps.projects.policy import Role
from apps.projects.queries import totals_of
from apps.tasks.assigning import assign_tasks
from apps.tasks.leases import LeaseGone, release_lease, renew_lease
from apps.tasks.models import Lease, Task
from apps.tasks.next_task import reserve_next
from tests.factories import choice, make_completion, make_member, make_project, owner_of, reserve_task

CONNECTIONS = 40
"""How many people the server asks the database for at the same moment; the embedded one takes 60."""


def people_in(project, count):
    return [make_member(project, Role.ANNOTATOR) for _ in range(count)]


@pytest.mark.parametrize("sampling", [Sampling.SEQUENTIAL, Sampling.UNIFORM])
def test_twenty_people_who_ask_at_once_get_twenty_tasks(together, sampling):
    project = make_project(tasks=25, sampling=sampling)
    people = people_in(project, 20)
    given = together([partial(reserve_next, project=project, user=person) for person in people])
    assert len(set(given)) == 20
    assert None not in given


def test_more_people_than_tasks_share_no_task(together):
    project = make_project(tasks=5)
    given = together(
        [partial(reserve_next, project=project, user=person) for person in people_in(project, 20)]
    )
    assert Counter(task_id is None for task_id in given) == {True: 15, False: 5}
    assert len({task_id for task_id in given if task_id}) == 5


def test_with_overlap_a_task_goes_to_that_many_people_and_no_more(together):
    project = make_project(tasks=4, overlap=3)
    given = together(
        [partial(reserve_next, project=project, user=person) for person in people_in(project, 20)]
    )
    assert sorted(Counter(task_id for task_id in given if task_id).values()) == [3, 3, 3, 3]


def test_people_who_label_everything_together_answer_each_slot_once(together):
    project = make_project(tasks=12, overlap=2)

    def work(person):
        while (task_id := reserve_next(project=project, user=person)) is not None:
            make_completion(Task.objects.get(pk=task_id), person)

    errors = [
        result for result in together([partial(work, person) for person in people_in(project, 8)]) if result
    ]
    assert errors == []
    for task in Task.objects.all():
        people = set(Completion.objects.filter(task=task).values_list("completed_by", flat=True))
        assert (len(people), task.completions_count, task.answers_count, task.is_labeled) == (2, 2, 2, True)
    assert totals_of([project.pk])[project.pk].labeled_tasks == 12
    assert totals_of([project.pk])[project.pk].completions == 24
    assert not Lease.objects.exists()


def test_people_whose_submits_bring_the_next_task_along_answer_each_slot_once(together, api):
    project = make_project(tasks=12, overlap=2)

    def work(person):
        client = api(person)
        task = client.get(f"/api/projects/{project.pk}/next").json()
        while task:
            answer = client.post(f"/api/tasks/{task['id']}/completions?with_next=1", {"result": choice()})
            task = answer.json()["next"]["task"]

    errors = [
        result for result in together([partial(work, person) for person in people_in(project, 6)]) if result
    ]
    assert errors == []
    for task in Task.objects.all():
        people = set(Completion.objects.filter(task=task).values_list("completed_by", flat=True))
        assert (len(people), task.completions_count, task.is_labeled) == (2, 2, True)
    assert totals_of([project.pk])[project.pk].completions == 24
    assert not Lease.objects.exists()


def test_two_hundred_people_who_ask_at_once_get_all_of_a_thousand_tasks(together):
    project = make_project(tasks=1_000)
    people = people_in(project, 200)
    connections = [people[number::CONNECTIONS] for number in range(CONNECTIONS)]

    def ask(asking):
        return [reserve_next(project=project, user=person) for person in asking]

    def answer_all():
        leased = Lease.objects.filter(is_comparison=False)
        Task.objects.filter(pk__in=leased.values("task_id")).update(answers_count=1, is_labeled=True)
        leased.delete()

    given = []
    for _ in range(5):
        for answer in together([partial(ask, asking) for asking in connections]):
            given += answer
        answer_all()
    assert Counter(given).most_common(1)[0][1] == 1
    assert set(given) == set(Task.objects.values_list("pk", flat=True))
    assert together([partial(ask, asking[:1]) for asking in connections]) == [[None]] * CONNECTIONS


def test_whatever_happens_at_once_nobody_is_handed_one_slot_too_many(together):
    """People reserve, reserve besides, renew, give back, submit and skip; leases run out under them."""
    project = make_project(tasks=8, overlap=3, skip_rule=SkipRule.IGNORE_SKIPPED)
    people = people_in(project, 10)

    def work(person, chooser):
        for _ in range(12):
            task_id = reserve_next(project=project, user=person)
            if task_id is None:
                return
            reserve_next(project=project, user=person, besides=task_id)
            if chooser.random() < 0.3:
                Lease.objects.filter(user=person).update(expires_at=timezone.now() - timedelta(hours=1))
                with suppress(LeaseGone):
                    renew_lease(task_id=task_id, user=person)
            if not Lease.objects.filter(user=person, task=task_id, expires_at__gt=timezone.now()).exists():
                continue
            if chooser.random() < 0.2:
                release_lease(task_id=task_id, user_id=person.pk)
            else:
                task = Task.objects.get(pk=task_id)
                make_completion(task, person, was_cancelled=chooser.random() < 0.3)

    calls = [partial(work, person, Random(number)) for number, person in enumerate(people)]
    assert together(calls) == [None] * 10
    assert not Task.objects.filter(answers_count__gt=3).exists()
    for task in Task.objects.all():
        answered = Completion.objects.filter(task=task).values_list("completed_by", flat=True)
        assert len(answered) == len(set(answered)) == task.answers_count


def test_many_people_who_are_assigned_the_same_tasks_share_no_slot(together):
    project = make_project(tasks=5, overlap=2, handing_out=HandingOut.ASSIGNED_ONLY)
    people = people_in(project, 20)
    assign_tasks(
        project=project,
        task_ids=list(Task.objects.values_list("pk", flat=True)),
        user_ids=[person.pk for person in people],
        assigned_by=owner_of(project),
    )
    given = together([partial(reserve_next, project=project, user=person) for person in people])
    assert sorted(Counter(task_id for task_id in given if task_id).values()) == [2, 2, 2, 2, 2]


def test_two_tasks_for_each_person_are_not_shared_either(together):
    project = make_project(tasks=30)

    def ask_for_two(person):
        in_hand = reserve_task(project, person)
        return [in_hand, reserve_next(project=project, user=person, besides=in_hand)]

    given = together([partial(ask_for_two, person) for person in people_in(project, 15)])
    assert sorted(task_id for both in given for task_id in both) == sorted(
        Task.objects.values_list("pk", flat=True)
    )


def test_many_people_compare_themselves_with_one_ground_truth_at_once(together):
    project = make_project(tasks=1, ground_truth_every=1)
    owner = owner_of(project)
    completion = make_completion(Task.objects.get(), owner)
    update_completion(completion_id=completion.pk, updated_by=owner, ground_truth=True)

    def ask_until_given(person):
        while (task_id := reserve_next(project=project, user=person)) is None:
            pass
        return task_id

    given = together([partial(ask_until_given, person) for person in people_in(project, 12)])
    assert given == [completion.task_id] * 12
    assert Lease.objects.values("slot").distinct().count() == 12


def test_who_takes_an_expired_lease_and_who_renews_it_do_not_both_get_the_task(together):
    project = make_project(tasks=1)
    first, second = people_in(project, 2)
    for _ in range(10):
        task_id = reserve_task(project, first)
        Lease.objects.update(expires_at=timezone.now() - timedelta(hours=1))
        taken, renewed = together(
            [
                partial(reserve_next, project=project, user=second),
                partial(renew_lease, task_id=task_id, user=first),
            ]
        )
        assert (taken == task_id) == isinstance(renewed, LeaseGone)
        Lease.objects.all().delete()


def test_one_person_who_asks_twice_at_once_gets_one_task(together):
    project = make_project(tasks=5)
    (person,) = people_in(project, 1)
    given = together([partial(reserve_next, project=project, user=person) for _ in range(4)])
    assert reserve_next(project=project, user=person) in given


@pytest.mark.django_db
class TestOnePersonAfterTheOther:
    """The rules of the queue, without a race."""

    def test_somebody_who_asks_again_gets_the_same_task(self):
        project = make_project(tasks=3)
        (person,) = people_in(project, 1)
        assert reserve_next(project=project, user=person) == reserve_next(project=project, user=person)

    def test_with_overlap_the_queue_goes_on_behind_ones_latest_answer_and_wraps_round(self):
        project = make_project(tasks=3, overlap=2)
        (person,) = people_in(project, 1)
        first, second, third = Task.objects.order_by("pk")
        make_completion(second, person)
        assert reserve_next(project=project, user=person) == third.pk
        make_completion(third, person)
        assert reserve_next(project=project, user=person) == first.pk

    def test_a_lease_that_ran_out_comes_back_to_others(self):
        project = make_project(tasks=1)
        first, second = people_in(project, 2)
        task_id = reserve_task(project, first)
        assert reserve_next(project=project, user=second) is None
        Lease.objects.update(expires_at=timezone.now() - timedelta(hours=1))
        assert reserve_next(project=project, user=second) == task_id

    def test_ones_own_lease_that_ran_out_is_no_obstacle(self):
        project = make_project(tasks=1, overlap=2)
        first, second = people_in(project, 2)
        reserve_next(project=project, user=first)
        task_id = reserve_task(project, second)
        Lease.objects.update(expires_at=timezone.now() - timedelta(hours=1))
        assert reserve_next(project=project, user=second) == task_id

    def test_a_released_task_goes_to_the_next_person_at_once(self):
        project = make_project(tasks=1)
        first, second = people_in(project, 2)
        task_id = reserve_task(project, first)
        release_lease(task_id=task_id, user_id=first.pk)
        assert reserve_next(project=project, user=second) == task_id

    def test_a_skipped_task_goes_to_others_by_default(self):
        project = make_project(tasks=1)
        first, second = people_in(project, 2)
        task = Task.objects.get()
        make_completion(task, first, was_cancelled=True)
        assert reserve_next(project=project, user=first) is None
        assert reserve_next(project=project, user=second) == task.pk

    def test_a_skipped_task_comes_back_to_me_after_all_others(self):
        project = make_project(tasks=2, skip_rule=SkipRule.REQUEUE_FOR_ME)
        (person,) = people_in(project, 1)
        first, second = Task.objects.order_by("pk")
        make_completion(first, person, was_cancelled=True)
        assert reserve_next(project=project, user=person) == second.pk
        make_completion(second, person)
        assert reserve_next(project=project, user=person) == first.pk

    def test_a_skipped_task_can_count_as_done(self):
        project = make_project(tasks=1, skip_rule=SkipRule.IGNORE_SKIPPED)
        first, second = people_in(project, 2)
        make_completion(Task.objects.get(), first, was_cancelled=True)
        assert Task.objects.get().is_labeled
        assert reserve_next(project=project, user=second) is None

    @pytest.mark.parametrize(
        ("sampling", "order"),
        [(Sampling.PREDICTION_SCORE_MIN, [2, 3, 1]), (Sampling.PREDICTION_SCORE_MAX, [3, 2, 1])],
    )
    def test_scores_order_the_queue_and_tasks_without_one_come_last(self, sampling, order):
        project = make_project(tasks=3, sampling=sampling)
        (person,) = people_in(project, 1)
        tasks = {task.inner_id: task for task in Task.objects.all()}
        Task.objects.filter(pk=tasks[2].pk).update(prediction_score=0.1)
        Task.objects.filter(pk=tasks[3].pk).update(prediction_score=0.9)
        given = []
        while (task_id := reserve_next(project=project, user=person)) is not None:
            given.append(Task.objects.get(pk=task_id).inner_id)
            make_completion(Task.objects.get(pk=task_id), person)
        assert given == order
