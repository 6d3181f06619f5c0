"""Work that comes back by itself is enqueued once an interval, by whichever worker sweeps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.jobs import runner
from apps.jobs.locks import try_lock_sweep
from apps.jobs.models import Job, JobStatus, Recurrence
from apps.jobs.sweeping import SweepCounts, sweep

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def known(db: None) -> None:
    """All recurring work of the product was seen just now."""
    sweep()


def last_enqueued(ago: timedelta) -> None:
    """Have the daily work of these tests been enqueued `ago`."""
    assert Recurrence.objects.filter(kind="test.tidy").update(enqueued_at=Now() - ago) == 1


def tidy_jobs() -> list[Job]:
    return list(Job.objects.filter(kind="test.tidy"))


def test_work_that_is_seen_for_the_first_time_waits_an_interval() -> None:
    Recurrence.objects.all().delete()

    assert sweep() == SweepCounts()
    assert tidy_jobs() == []
    assert Recurrence.objects.filter(kind="test.tidy").exists()


def test_due_work_is_enqueued_once_and_sent(broker) -> None:
    last_enqueued(DAY)

    assert sweep() == SweepCounts(recurring=1)
    assert sweep() == SweepCounts()

    assert [job.status for job in tidy_jobs()] == [JobStatus.QUEUED]
    assert broker.waiting() == 1


def test_work_is_not_due_before_its_time() -> None:
    last_enqueued(DAY - timedelta(minutes=1))

    assert sweep() == SweepCounts()
    assert tidy_jobs() == []


def test_work_that_ran_comes_back_after_another_interval() -> None:
    last_enqueued(DAY)
    sweep()
    runner.run(job_id=tidy_jobs()[0].pk, worker="one")

    assert sweep() == SweepCounts()
    last_enqueued(DAY)
    assert sweep() == SweepCounts(recurring=1)
    assert sorted(job.status for job in tidy_jobs()) == [JobStatus.COMPLETED, JobStatus.QUEUED]


def test_work_that_still_waits_is_not_doubled() -> None:
    last_enqueued(DAY)
    sweep()
    last_enqueued(DAY)
    sweep()

    assert len(tidy_jobs()) == 1


def test_many_workers_that_sweep_at_once_enqueue_it_once() -> None:
    last_enqueued(DAY)

    def sweep_in_a_worker() -> SweepCounts:
        try:
            return sweep()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        counts = [pool.submit(sweep_in_a_worker) for _ in range(8)]

    assert sum(count.result().recurring for count in counts) == 1
    assert len(tidy_jobs()) == 1


def test_a_sweep_that_another_worker_holds_enqueues_nothing() -> None:
    last_enqueued(DAY)

    def sweep_in_a_worker() -> SweepCounts:
        try:
            return sweep()
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(max_workers=1) as pool:
        assert try_lock_sweep()
        assert pool.submit(sweep_in_a_worker).result() == SweepCounts()

    assert tidy_jobs() == []
