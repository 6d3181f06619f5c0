"""A broker to look into, and a real worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from celery import Celery
from django.conf import settings as django_settings
from django.db import connection
from django.utils.module_loading import import_string
from redis import Redis

from apps.jobs import claims
from apps.jobs.claims import Claim
from apps.jobs.models import Job, JobStatus
from tests.jobs.workload import jobs as _workload  # noqa: F401 - declares the kinds of jobs used here

REPOSITORY = Path(__file__).resolve().parents[2]


def wait_until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    """Return as soon as `condition` holds; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def claimed(job: Job, worker: str = "one") -> Claim:
    """Claim `job` as a run does, and leave it running."""
    claim = claims.claim(job_id=job.pk, worker=worker)
    assert claim is not None
    return claim


def has_status(job: Job, status: JobStatus) -> Callable[[], bool]:
    """Return a condition for `wait_until`."""
    return lambda: Job.objects.filter(pk=job.pk, status=status).exists()


@dataclass
class Broker:
    """The queue in Valkey, seen past Celery."""

    client: Redis
    queue: str

    def waiting(self) -> int:
        """How many messages no worker has taken."""
        return self.client.llen(self.queue)

    def lose_everything(self) -> None:
        """Forget every message, as a broker does that was killed."""
        self.client.delete(self.queue)


@pytest.fixture(autouse=True)
def broker() -> Iterator[Broker]:
    app: Celery = import_string(django_settings.JOBS_CELERY_APP)
    client = Redis.from_url(django_settings.REDIS_URL)
    broker = Broker(client, app.conf.task_default_queue)
    broker.lose_everything()
    yield broker
    broker.lose_everything()
    client.close()


class WorkerProcess:
    """A real Celery worker on the test database."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._name = f"worker-{uuid4().hex}"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.jobs.worker_settings",
            "CELERY_SKIP_CHECKS": "1",  # they take seconds and are no matter of jobs
            "TEST_SESSION_SETTINGS": os.environ["DJANGO_SETTINGS_MODULE"],
            "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
            "PGAPPNAME": self._name,
        }
        arguments = [
            "worker",
            "--concurrency",
            "2",
            "--without-gossip",
            "--without-mingle",
            "--loglevel",
            "INFO",
        ]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "label_studio_server.celery", *arguments],
                cwd=REPOSITORY,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End the worker and its pool at once, as `kill -9` and power cuts do.

        PostgreSQL notices a little later, and still carries out what it was asked for last: that is waited for, but
        for what waits itself, perhaps for the test.
        """
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not self._is_at_work())

    def stop(self) -> None:
        """Ask the worker to finish, as a supervisor does."""
        self.process.terminate()
        self.process.wait(timeout=120)

    def _is_at_work(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_stat_clear_snapshot()"
            )  # within a transaction, what was seen first is kept
            cursor.execute(
                "SELECT FROM pg_stat_activity"
                " WHERE application_name = %s AND wait_event_type IS DISTINCT FROM 'Lock'",
                [self._name],
            )
            return bool(cursor.rowcount)


@pytest.fixture
def start_worker(transactional_db, tmp_path: Path) -> Iterator[Callable[[], WorkerProcess]]:
    started: list[WorkerProcess] = []

    def start() -> WorkerProcess:
        started.append(WorkerProcess(tmp_path / f"worker-{len(started)}.log"))
        return started[-1]

    yield start
    for worker in started:
        if worker.process.poll() is None:
            worker.kill()
        print(worker.log.read_text())  # noqa: T201 - pytest shows it when the test fails
