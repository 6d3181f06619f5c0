"""A job is a row first and a message second."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from celery import Celery
from django.db import connection, transaction

from apps.jobs.kinds import UnknownJobKindError
from apps.jobs.models import Job, JobStatus, time_ordered_uuid
from apps.jobs.services import cancel, enqueue

pytestmark = pytest.mark.django_db(transaction=True)

app_without_broker = Celery("nowhere")
app_without_broker.config_from_object("django.conf:settings", namespace="CELERY")
app_without_broker.conf.update(broker_url="redis+socket:///nonexistent/valkey.sock")


def test_a_committed_job_has_one_message(broker, cast):
    job = enqueue(kind="test.add", project=cast.project, created_by=cast.owner, payload={"numbers": [1, 2]})

    assert broker.waiting() == 1
    stored = Job.objects.get(pk=job.pk)
    assert (stored.status, stored.attempts, stored.payload) == (JobStatus.QUEUED, 0, {"numbers": [1, 2]})
    assert stored.sent_at is not None


def test_the_message_waits_for_the_commit(broker):
    with transaction.atomic():
        enqueue(kind="test.add", payload={"numbers": []})
        assert broker.waiting() == 0

    assert broker.waiting() == 1


def test_a_job_of_a_rolled_back_transaction_is_never_sent(broker):
    with transaction.atomic():
        enqueue(kind="test.add", payload={"numbers": []})
        transaction.set_rollback(True)

    assert broker.waiting() == 0
    assert Job.objects.count() == 0


def test_a_broker_that_is_away_fails_no_request(settings):
    settings.JOBS_CELERY_APP = "tests.jobs.test_enqueueing.app_without_broker"
    asked_at = time.monotonic()

    job = enqueue(kind="test.add", payload={"numbers": [1]})

    assert time.monotonic() - asked_at < 30
    stored = Job.objects.get(pk=job.pk)
    assert (stored.status, stored.sent_at) == (JobStatus.QUEUED, None)


def test_a_kind_nobody_declares_is_refused(broker):
    with pytest.raises(UnknownJobKindError, match=r"There is no job kind 'test\.nothing'"):
        enqueue(kind="test.nothing")

    assert Job.objects.count() == 0


def test_active_work_of_the_same_key_is_not_asked_for_twice(broker):
    first = enqueue(kind="test.add", payload={"numbers": [1]}, dedupe_key="sum")

    second = enqueue(kind="test.add", payload={"numbers": [2]}, dedupe_key="sum")

    assert second.pk == first.pk
    assert second.payload == {"numbers": [1]}
    assert broker.waiting() == 1


def test_finished_work_may_be_asked_for_again(broker):
    first = enqueue(kind="test.add", payload={"numbers": [1]}, dedupe_key="sum")
    cancel(job=first)

    second = enqueue(kind="test.add", payload={"numbers": [2]}, dedupe_key="sum")

    assert second.pk != first.pk
    assert second.status == JobStatus.QUEUED


def test_eight_who_ask_at_once_get_one_job(broker):
    def ask(_: int) -> Job:
        try:
            return enqueue(kind="test.add", payload={"numbers": [1]}, dedupe_key="sum")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(ask, range(8)))

    assert len({job.pk for job in jobs}) == 1
    assert Job.objects.count() == 1
    assert broker.waiting() == 1


def test_ids_are_ordered_by_time(broker):
    jobs = [enqueue(kind="test.add", payload={"numbers": []}) for _ in range(3)]

    listed = list(Job.objects.values_list("created_at", flat=True))

    assert listed == sorted(listed, reverse=True)
    assert all(job.pk.version == 7 for job in jobs)


def test_ids_of_one_millisecond_are_ordered_too(monkeypatch):
    moments = [1_800_000_000_000_000_000 + nanoseconds for nanoseconds in (0, 250, 1_000, 500_000, 999_999)]
    monkeypatch.setattr(time, "time_ns", iter(moments).__next__)

    ids = [time_ordered_uuid() for _ in moments]

    assert ids == sorted(ids)
    assert {one.version for one in ids} == {7}
