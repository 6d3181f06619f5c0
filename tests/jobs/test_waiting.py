"""Why a job does not move, and whether anything runs at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from apps.jobs.models import Job, JobStatus, Worker
from apps.jobs.queries import NO_WORKER, jobs_overview, with_waiting_reasons, worker_is_running
from apps.jobs.services import cancel, enqueue
from apps.jobs.upkeep import keep_up
from tests.jobs.conftest import claimed

pytestmark = pytest.mark.django_db

A_MINUTE = timedelta(minutes=1)


def reason_of(job: Job) -> str:
    return with_waiting_reasons([Job.objects.get(pk=job.pk)])[0].waiting_reason


@pytest.fixture
def job() -> Job:
    job = enqueue(kind="test.add", payload={"numbers": [1]})
    Job.objects.filter(pk=job.pk).update(sent_at=Now())
    return job


def test_without_a_worker_a_queued_job_says_how_to_start_one(job):
    assert not worker_is_running()
    assert reason_of(job) == NO_WORKER


def test_with_a_worker_it_waits_for_its_turn(job):
    Worker.objects.create(hostname="celery@one")

    assert worker_is_running()
    assert reason_of(job) == "Queued: waiting for a free worker."


def test_a_worker_not_heard_from_for_a_minute_is_not_running(job):
    Worker.objects.create(hostname="celery@one")
    Worker.objects.update(last_seen=Now() - A_MINUTE)

    assert not worker_is_running()
    assert reason_of(job) == NO_WORKER


def test_a_job_without_a_message_blames_the_broker(job):
    Worker.objects.create(hostname="celery@one")
    Job.objects.update(sent_at=None, queued_at=Now() - A_MINUTE)

    assert reason_of(job).startswith("Queued: the message broker (Redis) does not answer.")


def test_a_running_job_needs_no_reason_and_proves_a_worker(job):
    claimed(job, "celery@one")

    assert worker_is_running()
    assert reason_of(job) == ""


def test_a_cancelled_job_that_still_runs_says_that_it_stops(job):
    claimed(job, "celery@one")
    cancel(job=job)

    assert reason_of(job) == "Cancelling: the job stops at its next step."


def test_a_running_job_whose_worker_is_silent_says_so(job):
    claimed(job, "celery@one")
    Job.objects.update(heartbeat_at=Now() - A_MINUTE)

    assert not worker_is_running()
    assert reason_of(job).startswith("Its worker has not been heard from for 6")


def test_the_overview_counts_what_is_active(job):
    running = enqueue(kind="test.add")
    claimed(running, "celery@one")
    silent = enqueue(kind="test.add")
    claimed(silent, "celery@two")
    Job.objects.filter(pk=silent.pk).update(heartbeat_at=Now() - A_MINUTE)
    Worker.objects.create(hostname="celery@one")

    overview = jobs_overview()

    assert (overview.queued, overview.running, overview.silent) == (1, 2, 1)
    assert overview.oldest_queued_at == job.queued_at
    assert overview.workers == ("celery@one",)
    assert overview.worker_is_running


def test_an_overview_of_nothing():
    overview = jobs_overview()

    assert (overview.queued, overview.running, overview.oldest_queued_at) == (0, 0, None)
    assert not overview.worker_is_running


@pytest.mark.django_db(transaction=True)
def test_upkeep_lists_the_worker_and_forgets_those_long_gone():
    Worker.objects.create(hostname="celery@gone")
    Worker.objects.update(last_seen=Now() - timedelta(hours=2))

    keep_up(hostname="celery@one")
    keep_up(hostname="celery@one")

    assert list(Worker.objects.values_list("hostname", flat=True)) == ["celery@one"]


@pytest.mark.parametrize(
    ("status", "progress", "total", "percent"),
    [
        (JobStatus.RUNNING, 0, None, None),
        (JobStatus.RUNNING, 0, 0, None),
        (JobStatus.RUNNING, 1, 3, 33),
        (JobStatus.RUNNING, 7, 3, 100),
        (JobStatus.FAILED, 1, 2, 50),
        (JobStatus.COMPLETED, 0, None, 100),
    ],
)
def test_percent(status, progress, total, percent):
    assert Job(status=status, progress=progress, total=total).percent == percent
