"""What the broker loses or a dead worker leaves is found in the table."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.jobs import claims
from apps.jobs.locks import lock_job, try_lock_sweep
from apps.jobs.models import Job, JobStatus
from apps.jobs.services import cancel, enqueue
from apps.jobs.sweeping import SweepCounts, sweep
from tests.jobs.conftest import claimed
from tests.jobs.test_running import make_stale, reread

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = SweepCounts()


def queued(*, queued_ago: timedelta, sent_ago: timedelta | None) -> Job:
    job = enqueue(kind="test.add", payload={"numbers": [1]})
    sent_at = None if sent_ago is None else Now() - sent_ago
    Job.objects.filter(pk=job.pk).update(queued_at=Now() - queued_ago, sent_at=sent_at)
    return job


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


@pytest.mark.parametrize(
    ("queued_ago", "sent_ago", "is_sent"),
    [
        pytest.param(1, None, False, id="its own commit is about to send it"),
        pytest.param(6, None, True, id="the sender died after its commit"),
        pytest.param(10, 10, False, id="the message is young"),
        pytest.param(16, 16, True, id="the first message seems lost"),
        pytest.param(16 + 40, 16, False, id="the second message came after 40 s and gets as long"),
        pytest.param(41 + 40, 41, True, id="the second message seems lost too"),
        pytest.param(5 * 3600, 601, True, id="no message is waited for longer than ten minutes"),
    ],
)
def test_a_queued_job_is_sent_again_when_its_message_seems_lost(broker, queued_ago, sent_ago, is_sent):
    job = queued(queued_ago=seconds(queued_ago), sent_ago=None if sent_ago is None else seconds(sent_ago))
    broker.lose_everything()

    assert sweep() == SweepCounts(sent=int(is_sent))

    assert broker.waiting() == int(is_sent)
    assert sweep() == NOTHING
    assert reread(job).status == JobStatus.QUEUED


def test_the_job_of_a_dead_worker_is_queued_again(broker):
    job = enqueue(kind="test.add", payload={"numbers": [1]})
    claimed(job, "dead")
    make_stale(job)
    broker.lose_everything()

    assert sweep() == SweepCounts(requeued=1, sent=1)

    again = reread(job)
    assert (again.status, again.claim, again.attempts) == (JobStatus.QUEUED, None, 1)
    assert again.message == "Its worker stopped; the job starts again."
    assert broker.waiting() == 1


def test_a_running_job_with_a_heart_beat_is_left_alone():
    job = enqueue(kind="test.add", payload={"numbers": [1]})
    claim = claimed(job, "alive")

    assert sweep() == NOTHING

    assert reread(job).claim == claim.token


def test_a_silent_job_whose_row_is_being_written_is_left_alone():
    job = enqueue(kind="test.add", payload={"numbers": [1]})
    claimed(job, "committing")
    make_stale(job)

    with transaction.atomic():
        lock_job(job.pk)
        assert _in_another_session(sweep) == NOTHING

    assert sweep().requeued == 1


def test_a_job_that_kills_every_worker_fails_in_the_end(broker):
    job = enqueue(kind="test.die")
    for _ in range(2):
        claimed(job, "dead")
        make_stale(job)
        counts = sweep()

    assert counts == SweepCounts(failed=1)
    failed = reread(job)
    assert (failed.status, failed.attempts) == (JobStatus.FAILED, 2)
    assert failed.error.startswith("The worker stopped 2 times while it ran this job")


def test_a_message_that_comes_late_does_not_start_a_job_beyond_its_attempts():
    job = enqueue(kind="test.die")
    Job.objects.filter(pk=job.pk).update(attempts=2)

    assert claims.claim(job_id=job.pk, worker="one") is None


def test_a_cancelled_job_of_a_dead_worker_is_cancelled(broker):
    job = enqueue(kind="test.add", payload={"numbers": [1]})
    claimed(job, "dead")
    cancel(job=job)
    make_stale(job)
    broker.lose_everything()

    assert sweep() == SweepCounts(cancelled=1)

    assert reread(job).status == JobStatus.CANCELLED
    assert broker.waiting() == 0


def test_two_workers_do_not_sweep_at_once(broker):
    queued(queued_ago=seconds(60), sent_ago=None)

    with transaction.atomic():
        assert try_lock_sweep()
        assert _in_another_session(sweep) == NOTHING

    assert sweep() == SweepCounts(sent=1)


def test_a_sweep_with_nothing_to_do_is_five_statements_in_a_transaction(django_assert_num_queries):
    sweep()  # sees the recurring work for the first time

    with django_assert_num_queries(5 + len(("BEGIN", "COMMIT"))):
        sweep()


def _in_another_session(work: Callable[[], SweepCounts]) -> SweepCounts:
    def with_own_connection():
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        counts: SweepCounts = pool.submit(with_own_connection).result(timeout=30)
        return counts
