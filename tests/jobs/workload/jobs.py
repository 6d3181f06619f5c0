"""Handlers that behave as real ones may."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from apps.core.errors import ValidationFailed
from apps.jobs.kinds import job_kind
from apps.jobs.running import RunningJob
from apps.projects.models import Project

released = threading.Event()
"""Lets handlers go on that wait in this process."""


def linger(payload: dict[str, Any]) -> None:
    """Take as many `seconds` as the payload says; or, if it `waits`, until this process lets go on."""
    if payload.get("waits"):
        released.wait(60)
    time.sleep(payload.get("seconds", 0))


@job_kind("test.add", title="Add numbers")
def add(job: RunningJob) -> dict[str, Any]:
    """Do a moment's work."""
    return {"sum": sum(job.payload["numbers"])}


@job_kind("test.tidy", title="Tidy up", every=timedelta(days=1))
def tidy(job: RunningJob) -> dict[str, Any]:
    """Come back every day."""
    return {"payload": job.payload}


@job_kind("test.count", title="Count slowly")
def count(job: RunningJob) -> dict[str, Any]:
    """Take `steps` steps of 20 ms, reporting each and stopping when cancelled."""
    steps = job.payload["steps"]
    for step in range(1, steps + 1):
        job.check_cancelled()
        time.sleep(0.02)
        job.advance(step, steps, f"Step {step}")
    return {"steps": steps}


@job_kind("test.silence", title="Compute without a word")
def silence(job: RunningJob) -> dict[str, Any]:
    """Report nothing for a while."""
    linger(job.payload)
    return {}


@job_kind("test.write", title="Write a project in one transaction")
def write(job: RunningJob) -> None:
    """Write one row, keep the transaction open for a while, and end job and transaction together."""
    with transaction.atomic():
        Project.objects.create(title=job.payload["title"])
        job.advance(1, 2, "Row written, transaction open")
        linger(job.payload)
        job.complete({"title": job.payload["title"]})


@job_kind("test.refuse", title="Refuse the input")
def refuse(job: RunningJob) -> None:
    """Fail as a service fails on bad input."""
    raise ValidationFailed("Row 3 has no text. Add it and import again.")


@job_kind("test.break", title="Fail with a bug")
def fail_with_bug(job: RunningJob) -> None:
    """Fail in a way nobody foresaw, with a text that Postgres cannot store as it is."""
    raise ValueError("no such \x00 column")


@job_kind("test.lose-database", title="Lose the database", max_attempts=2)
def lose_database(job: RunningJob) -> None:
    """Have the server end this session, as a restart of Postgres does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@job_kind("test.die", title="Take the process down", max_attempts=2)
def die(job: RunningJob) -> None:
    """End as the kernel ends a process that took too much memory."""
    os.kill(os.getpid(), signal.SIGKILL)
