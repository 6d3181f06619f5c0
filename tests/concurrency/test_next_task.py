"""However many people ask at once, no slot of a task is given to two of them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from apps.completions.models import Completion
from apps.projects.models import Sampling, SkipRule
from apps.projects.policy import Role
from apps.projects.queries import totals_of
from apps.tasks.leases import release_lease
from apps.tasks.models import Lease, Task
from apps.tasks.next_task import reserve_next
from tests.factories import make_completion, make_member, make_project


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
        task_id = reserve_next(project=project, user=first)
        assert reserve_next(project=project, user=second) is None
        Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert reserve_next(project=project, user=second) == task_id

    def test_ones_own_lease_that_ran_out_is_no_obstacle(self):
        project = make_project(tasks=1, overlap=2)
        first, second = people_in(project, 2)
        reserve_next(project=project, user=first)
        task_id = reserve_next(project=project, user=second)
        Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert reserve_next(project=project, user=second) == task_id

    def test_a_released_task_goes_to_the_next_person_at_once(self):
        project = make_project(tasks=1)
        first, second = people_in(project, 2)
        task_id = reserve_next(project=project, user=first)
        assert task_id is not None
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
