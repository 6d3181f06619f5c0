"""A run claims its job, reports while it works, and writes its end once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from apps.jobs import claims
from apps.jobs.claims import MAX_TEXT, Outcome, Progress, readable
from apps.jobs.models import Job, JobStatus
from apps.jobs.runner import run
from apps.jobs.services import cancel, enqueue, retry
from apps.jobs.timing import JobTiming
from apps.projects.models import Project
from tests.jobs.conftest import claimed, wait_until
from tests.jobs.workload.jobs import released

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def running_beside(job: Job) -> Iterator[threading.Thread]:
    """Run `job` in another thread; let it go on at the end of the block, if it waits, and leave when it has ended."""

    def work() -> None:
        try:
            run(job_id=job.pk, worker="beside")
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    released.clear()
    thread.start()
    try:
        yield thread
    finally:
        released.set()
        thread.join(timeout=60)
    assert not thread.is_alive()


def reread(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def progress_is(job: Job, at_least: int) -> Callable[[], bool]:
    return lambda: Job.objects.filter(pk=job.pk, progress__gte=at_least).exists()


def make_stale(job: Job) -> None:
    """Let the job look as if its worker had been silent for a while."""
    Job.objects.filter(pk=job.pk).update(heartbeat_at=Now() - 2 * JobTiming().stale)


def test_a_run_stores_the_result():
    job = enqueue(kind="test.add", payload={"numbers": [2, 3]})

    run(job_id=job.pk, worker="celery@one")

    done = reread(job)
    assert (done.status, done.result, done.error) == (JobStatus.COMPLETED, {"sum": 5}, "")
    assert (done.attempts, done.worker, done.percent, done.claim) == (1, "celery@one", 100, None)
    in_order = Job.objects.filter(created_at__lte=F("started_at"), started_at__lt=F("finished_at"))
    assert in_order.filter(pk=job.pk).exists()


def test_a_second_message_for_a_finished_job_does_nothing():
    job = enqueue(kind="test.write", payload={"title": "Once"})
    run(job_id=job.pk, worker="first")

    run(job_id=job.pk, worker="second")

    assert Project.objects.filter(title="Once").count() == 1
    assert (reread(job).attempts, reread(job).worker) == (1, "first")


def test_a_second_message_for_a_running_job_does_nothing():
    job = enqueue(kind="test.write", payload={"title": "Slow", "waits": True})
    with running_beside(job):
        wait_until(progress_is(job, 1))

        run(job_id=job.pk, worker="second")

        assert reread(job).status == JobStatus.RUNNING
    done = reread(job)
    assert (done.status, done.attempts, done.worker) == (JobStatus.COMPLETED, 1, "beside")


def test_a_message_for_a_deleted_job_does_nothing():
    run(job_id=uuid.uuid4(), worker="one")

    assert Job.objects.count() == 0


def test_progress_shows_while_the_handlers_transaction_is_open():
    job = enqueue(kind="test.write", payload={"title": "Slow", "waits": True})
    with running_beside(job):
        wait_until(progress_is(job, 1))

        seen = reread(job)
        assert (seen.status, seen.percent) == (JobStatus.RUNNING, 50)
        assert seen.message == "Row written, transaction open"
        assert not Project.objects.filter(title="Slow").exists()
    assert reread(job).status == JobStatus.COMPLETED
    assert Project.objects.filter(title="Slow").exists()


def test_a_handler_that_says_nothing_keeps_its_heart_beat(settings):
    settings.JOB_TIMING = {"heartbeat": JobTiming().progress / 2}
    job = enqueue(kind="test.silence", payload={"waits": True})
    with running_beside(job):
        wait_until(Job.objects.filter(pk=job.pk, heartbeat_at__gt=F("started_at")).exists)
        assert reread(job).status == JobStatus.RUNNING


def test_bad_input_fails_with_its_own_sentence():
    job = enqueue(kind="test.refuse")

    run(job_id=job.pk, worker="one")

    failed = reread(job)
    assert (failed.status, failed.attempts) == (JobStatus.FAILED, 1)
    assert failed.error == "Row 3 has no text. Add it and import again."


def test_a_bug_fails_the_job_with_a_text_and_the_log_with_a_traceback(caplog):
    job = enqueue(kind="test.break")

    run(job_id=job.pk, worker="one")

    failed = reread(job)
    assert failed.status == JobStatus.FAILED
    assert failed.error == "ValueError: no such � column"
    assert "in fail_with_bug" in caplog.text


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("plain", "plain"),
        ("half \ud800 a pair", "half ? a pair"),
        ("x" * (MAX_TEXT + 1), "x" * (MAX_TEXT - 1) + "…"),
    ],
    ids=["plain", "broken Unicode", "too long"],
)
def test_any_text_can_be_shown(text, stored):
    assert readable(text) == stored


def test_a_job_of_a_kind_that_is_gone_says_so():
    job = enqueue(kind="test.add")
    Job.objects.filter(pk=job.pk).update(kind="test.gone")

    run(job_id=job.pk, worker="one")

    assert reread(job).status == JobStatus.FAILED
    assert reread(job).error.startswith("There is no job kind 'test.gone'.")
    assert reread(job).title == "test.gone"


def test_a_lost_database_is_tried_again_and_then_given_up():
    job = enqueue(kind="test.lose-database")

    run(job_id=job.pk, worker="one")

    waiting = reread(job)
    assert (waiting.status, waiting.attempts, waiting.sent_at) == (JobStatus.QUEUED, 1, None)

    run(job_id=job.pk, worker="one")

    failed = reread(job)
    assert (failed.status, failed.attempts) == (JobStatus.FAILED, 2)
    assert failed.error.startswith("OperationalError: ")


def test_a_queued_job_is_cancelled_at_once():
    job = enqueue(kind="test.write", payload={"title": "Never"})

    cancelled = cancel(job=job)
    run(job_id=job.pk, worker="one")

    assert cancelled.status == JobStatus.CANCELLED
    assert (reread(job).status, reread(job).attempts) == (JobStatus.CANCELLED, 0)
    assert not Project.objects.filter(title="Never").exists()


def test_a_running_job_stops_when_it_is_cancelled():
    job = enqueue(kind="test.count", payload={"steps": 5000})
    with running_beside(job):
        wait_until(progress_is(job, 1))

        assert cancel(job=job).status == JobStatus.RUNNING

    stopped = reread(job)
    assert stopped.status == JobStatus.CANCELLED
    assert 1 <= stopped.progress < 5000
    assert stopped.result is None


def test_a_run_that_was_taken_for_dead_is_replaced():
    job = enqueue(kind="test.add", payload={"numbers": [1]})
    zombie = claimed(job, "zombie")
    make_stale(job)

    run(job_id=job.pk, worker="successor")

    done = reread(job)
    assert (done.status, done.worker, done.attempts) == (JobStatus.COMPLETED, "successor", 2)
    assert zombie.job.attempts == 1


def test_a_zombie_writes_nothing():
    job = enqueue(kind="test.add", payload={"numbers": [1]})
    zombie = claimed(job, "zombie")
    make_stale(job)
    successor = claimed(job, "successor")
    late = Progress(done=7, total=9, message="I am not dead")

    beaten = claims.beat(claim=zombie, progress=late)
    finished = claims.finish(claim=zombie, outcome=Outcome(JobStatus.FAILED, error="late", progress=late))
    released = claims.release(claim=zombie, reason="late")

    assert (beaten, finished, released) == (None, False, False)
    now = reread(job)
    assert (now.status, now.claim, now.error) == (JobStatus.RUNNING, successor.token, "")
    assert (now.progress, now.message) == (0, "")


def test_a_zombies_transaction_rolls_back():
    job = enqueue(kind="test.write", payload={"title": "Mine", "waits": True})
    with running_beside(job):
        wait_until(progress_is(job, 1))
        with transaction.atomic():  # at one moment: the run still beats
            make_stale(job)
            successor = claimed(job, "successor")

    assert not Project.objects.filter(title="Mine").exists()
    assert (reread(job).status, reread(job).claim) == (JobStatus.RUNNING, successor.token)


def test_a_zombie_stops_at_its_next_report():
    job = enqueue(kind="test.count", payload={"steps": 5000})
    with running_beside(job) as thread:
        wait_until(progress_is(job, 1))
        Job.objects.filter(pk=job.pk).update(claim=uuid.uuid4(), worker="successor")

        thread.join(timeout=60)

        assert not thread.is_alive()
    assert (reread(job).status, reread(job).worker) == (JobStatus.RUNNING, "successor")


def test_a_failed_job_that_is_retried_forgets_its_failure(broker):
    job = enqueue(kind="test.refuse")
    run(job_id=job.pk, worker="one")
    broker.lose_everything()

    again = retry(job=job)

    assert (again.status, again.error, again.attempts) == (JobStatus.QUEUED, "", 0)
    assert (again.started_at, again.finished_at, again.worker) == (None, None, "")
    assert broker.waiting() == 1
