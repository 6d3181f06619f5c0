"""The whole path with a real Celery worker on real Postgres and Valkey, and with what kills them."""

from __future__ import annotations

import pytest

from apps.jobs.models import Job, JobStatus, Worker
from apps.jobs.queries import NO_WORKER, with_waiting_reasons
from apps.jobs.services import cancel, enqueue
from apps.projects.models import Project
from tests.jobs.conftest import has_status, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]


def worker_is_listed() -> bool:
    return Worker.objects.exists()


def test_a_worker_signs_on_works_and_signs_off(start_worker):
    job = enqueue(kind="test.add", payload={"numbers": [20, 22]})
    assert with_waiting_reasons([job])[0].waiting_reason == NO_WORKER

    worker = start_worker()
    wait_until(has_status(job, JobStatus.COMPLETED))

    done = Job.objects.get(pk=job.pk)
    assert (done.result, done.attempts) == ({"sum": 42}, 1)
    wait_until(worker_is_listed)
    assert done.worker == Worker.objects.get().hostname

    worker.stop()
    assert not worker_is_listed()


def test_a_job_whose_worker_is_killed_is_run_again_and_done_once(start_worker):
    job = enqueue(kind="test.write", payload={"title": "Once", "seconds": 600})
    first = start_worker()
    wait_until(has_status(job, JobStatus.RUNNING))
    wait_until(lambda: Job.objects.get(pk=job.pk).progress == 1)

    first.kill()
    assert not Project.objects.filter(title="Once").exists()
    Job.objects.filter(pk=job.pk).update(payload={"title": "Once"})
    start_worker()
    wait_until(has_status(job, JobStatus.COMPLETED))

    assert Job.objects.get(pk=job.pk).attempts == 2
    assert Project.objects.filter(title="Once").count() == 1


def test_a_job_whose_message_is_lost_is_sent_again(start_worker, broker):
    job = enqueue(kind="test.add", payload={"numbers": [1]})
    assert broker.waiting() == 1
    broker.lose_everything()

    start_worker()
    wait_until(has_status(job, JobStatus.COMPLETED))

    assert Job.objects.get(pk=job.pk).attempts == 1


def test_a_running_job_is_cancelled_and_the_worker_goes_on(start_worker):
    job = enqueue(kind="test.count", payload={"steps": 5000})
    start_worker()
    wait_until(lambda: Job.objects.get(pk=job.pk).progress > 0)

    cancel(job=job)
    wait_until(has_status(job, JobStatus.CANCELLED))

    following = enqueue(kind="test.add", payload={"numbers": [1]})
    wait_until(has_status(following, JobStatus.COMPLETED))


def test_a_job_that_kills_its_process_is_given_up_and_the_worker_goes_on(start_worker):
    deadly = enqueue(kind="test.die")
    start_worker()
    wait_until(has_status(deadly, JobStatus.FAILED))

    assert Job.objects.get(pk=deadly.pk).attempts == 2
    following = enqueue(kind="test.add", payload={"numbers": [1]})
    wait_until(has_status(following, JobStatus.COMPLETED))
