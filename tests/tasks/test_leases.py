"""Leases are renewed by the open page, given back, and come back by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.projects.policy import Role
from apps.tasks.leases import KEPT_EXPIRED, LeaseGone, delete_expired_leases, release_lease, renew_lease
from apps.tasks.models import Lease, Task
from apps.tasks.next_task import reserve_next
from tests.factories import make_completion, make_member, make_project, reserve_task

pytestmark = pytest.mark.django_db


def annotators(project, count):
    return [make_member(project, Role.ANNOTATOR) for _ in range(count)]


def database_now() -> datetime:
    """Return the time by which leases are counted: that of the transaction's begin."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now: datetime = cursor.fetchone()[0]
    return now


def run_out(person=None, *, ago: timedelta = timedelta(hours=1)) -> None:
    """Let leases (of one person) have run out."""
    leases = Lease.objects.filter(user=person) if person else Lease.objects.all()
    leases.update(expires_at=timezone.now() - ago)


def live(person) -> set[int]:
    rows = Lease.objects.filter(user=person, expires_at__gt=timezone.now())
    return set(rows.values_list("task_id", flat=True))


def test_a_lease_lives_as_long_as_the_setting_says():
    project = make_project(tasks=1)
    (person,) = annotators(project, 1)
    reserve_next(project=project, user=person)
    assert Lease.objects.get().expires_at == database_now() + settings.TASK_LEASE


def test_renewing_prolongs_it_and_the_one_besides_it():
    project = make_project(tasks=2)
    (person,) = annotators(project, 1)
    task_id = reserve_task(project, person)
    reserve_next(project=project, user=person, besides=task_id)
    Lease.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    expires_at = renew_lease(task_id=task_id, user=person)
    assert expires_at == database_now() + settings.TASK_LEASE
    assert list(Lease.objects.values_list("expires_at", flat=True)) == [expires_at, expires_at]


def test_one_that_ran_out_comes_back_while_nobody_took_it():
    project = make_project(tasks=1)
    (person,) = annotators(project, 1)
    task_id = reserve_task(project, person)
    run_out()
    renew_lease(task_id=task_id, user=person)
    assert live(person) == {task_id}


def test_it_comes_back_though_somebody_took_another_slot_meanwhile():
    project = make_project(tasks=1, overlap=3)
    first, second, third = annotators(project, 3)
    task_id = reserve_task(project, second)
    reserve_next(project=project, user=first)
    run_out(first)
    assert reserve_next(project=project, user=third) == task_id
    run_out(second)
    renew_lease(task_id=task_id, user=second)
    assert live(second) == live(third) == {task_id}


def test_what_somebody_else_took_does_not_come_back():
    project = make_project(tasks=1)
    first, second = annotators(project, 2)
    task_id = reserve_task(project, first)
    run_out()
    assert reserve_next(project=project, user=second) == task_id
    with pytest.raises(LeaseGone, match="somebody else got the task"):
        renew_lease(task_id=task_id, user=first)
    assert (live(first), live(second)) == (set(), {task_id})


def test_no_slot_comes_back_that_an_answer_has_filled():
    project = make_project(tasks=1, overlap=2)
    first, second, third = annotators(project, 3)
    task_id = reserve_task(project, first)
    reserve_next(project=project, user=second)
    make_completion(Task.objects.get(), first)
    run_out(second)
    assert reserve_next(project=project, user=third) == task_id
    with pytest.raises(LeaseGone) as gone:
        renew_lease(task_id=task_id, user=second)
    assert gone.value.details == {"reason": "taken"}
    assert live(second) == set()


def test_a_task_that_is_labeled_by_now_does_not_come_back():
    project = make_project(tasks=1)
    first, second = annotators(project, 2)
    task_id = reserve_task(project, first)
    run_out()
    make_completion(Task.objects.get(), second)
    with pytest.raises(LeaseGone) as gone:
        renew_lease(task_id=task_id, user=first)
    assert gone.value.details == {"reason": "labeled"}


def test_whoever_never_had_one_gets_none_by_renewing():
    project = make_project(tasks=1)
    (person,) = annotators(project, 1)
    with pytest.raises(LeaseGone) as gone:
        renew_lease(task_id=Task.objects.get().pk, user=person)
    assert gone.value.details == {"reason": "none"}
    assert not Lease.objects.exists()


def test_after_a_crash_with_two_tasks_reserved_both_come_back_to_others():
    project = make_project(tasks=2)
    first, second = annotators(project, 2)
    held = reserve_next(project=project, user=first)
    reserve_next(project=project, user=first, besides=held)
    assert reserve_next(project=project, user=second) is None
    run_out()
    task_id = reserve_task(project, second)
    assert task_id is not None
    assert reserve_next(project=project, user=second, besides=task_id) is not None


def test_giving_one_back_leaves_the_other():
    project = make_project(tasks=2)
    (person,) = annotators(project, 1)
    held = reserve_task(project, person)
    besides = reserve_task(project, person, besides=held)
    release_lease(task_id=held, user_id=person.pk)
    assert live(person) == {besides}


def test_leases_that_ran_out_long_ago_are_deleted():
    project = make_project(tasks=3)
    first, second, third = annotators(project, 3)
    for person in (first, second, third):
        reserve_next(project=project, user=person)
    run_out(first, ago=KEPT_EXPIRED * 2)
    run_out(second)
    assert delete_expired_leases() == 1
    assert set(Lease.objects.values_list("user_id", flat=True)) == {second.pk, third.pk}


class TestOverRest:
    """The heart-beat of the label page."""

    def test_it_is_renewed_given_back_and_gone(self, cast, api):
        client = api(cast.annotator)
        task_id = client.get(f"/api/projects/{cast.project.pk}/next").json()["id"]
        renewed = client.post(f"/api/tasks/{task_id}/lease/")
        assert (renewed.status_code, set(renewed.json())) == (200, {"task", "expires_at"})
        assert client.delete(f"/api/tasks/{task_id}/lease/").status_code == 204
        gone = client.post(f"/api/tasks/{task_id}/lease/")
        assert (gone.status_code, gone.json()["reason"]) == (404, "none")
        assert "Ask for the next task." in gone.json()["detail"]

    def test_submitting_and_skipping_give_it_back(self, cast, api):
        client = api(cast.annotator)
        bodies: list[dict[str, object]] = [{"result": []}, {"result": [], "was_cancelled": True}]
        for body in bodies:
            task_id = client.get(f"/api/projects/{cast.project.pk}/next").json()["id"]
            client.post(f"/api/tasks/{task_id}/annotations/", body, format="json")
            assert not Lease.objects.exists()
