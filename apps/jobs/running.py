"""What a handler sees of its job, and the thread that keeps the job alive beside it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from django.db import Error, connection

from apps.jobs.claims import Claim, Outcome, Progress, beat, finish
from apps.jobs.models import JobStatus
from apps.jobs.timing import JobTiming

logger = logging.getLogger(__name__)


class JobCancelled(Exception):
    """Somebody cancelled the job; the handler lets this pass, and its transaction rolls back."""


class JobSuperseded(Exception):
    """The job is another run's now, or deleted: this run was taken for dead and may write no more."""


class Pulse:
    """A thread with its own database connection that writes a run's heart-beat and progress.

    Its own connection makes the progress visible while the handler's transaction is open, and keeps the job
    alive while the handler computes for minutes between two reports. It also learns that the job was
    cancelled, so that the handler can ask as often as it likes without a query.
    """

    def __init__(self, claim: Claim, timing: JobTiming) -> None:
        self._claim = claim
        self._timing = timing
        self._lock = threading.Lock()
        self._progress = Progress()
        self._changed = False
        self._held = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"pulse-{claim.job.pk}", daemon=True)
        self.cancel_requested = threading.Event()
        self.superseded = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    @property
    def progress(self) -> Progress:
        """What was reported last."""
        with self._lock:
            return self._progress

    def report(self, progress: Progress) -> None:
        """Have `progress` written soon."""
        with self._lock:
            self._progress = progress
            self._changed = True

    def hold(self) -> None:
        """Write no more: the handler's own transaction is about to lock the row."""
        with self._lock:
            self._held = True

    def _run(self) -> None:
        written_at = time.monotonic()
        try:
            while not self._stopped.wait(self._timing.progress.total_seconds()):
                due = time.monotonic() - written_at >= self._timing.heartbeat.total_seconds()
                if progress := self._take(even_unchanged=due):
                    written_at = time.monotonic()
                    self._write(progress)
        finally:
            connection.close()

    def _take(self, *, even_unchanged: bool) -> Progress | None:
        with self._lock:
            if self._held or not (self._changed or even_unchanged):
                return None
            self._changed = False
            return self._progress

    def _write(self, progress: Progress) -> None:
        try:
            cancelled = beat(claim=self._claim, progress=progress)
        except Error as error:
            # The next beat may get through; if none does in time, the job counts as dead, and rightly so.
            logger.warning("Job %s could not write its heart-beat: %s", self._claim.job.pk, error)
            connection.close()
            return
        if cancelled is None:
            self.superseded.set()
        elif cancelled:
            self.cancel_requested.set()


class RunningJob:
    """A job in the hands of its handler.

    A handler that writes in one transaction ends it with `complete`: then its work and the job's end are one
    commit, and neither a crash nor a second run can double it. Any other handler must be idempotent.
    """

    def __init__(self, claim: Claim, pulse: Pulse) -> None:
        job = claim.job
        self.id: UUID = job.pk
        self.payload: dict[str, Any] = job.payload
        self.project_id: int | None = job.project_id
        self.created_by_id: int | None = job.created_by_id
        self.attempt: int = job.attempts
        self.completed = False
        self._pulse = pulse
        self._claim = claim

    def advance(self, done: int, total: int | None = None, message: str | None = None) -> None:
        """Report progress; cheap, so call it once a row if you like.

        Args:
            done: units of work finished, of `total`.
            total: all units; once given it stays until changed.
            message: what is being done now, for people; stays until changed.

        Raises:
            JobSuperseded: another run has taken over.
        """
        self._check_superseded()
        before = self._pulse.progress
        self._pulse.report(
            Progress(
                done=done,
                total=before.total if total is None else total,
                message=before.message if message is None else message,
            )
        )

    def check_cancelled(self) -> None:
        """Stop here if somebody cancelled the job; call it where stopping leaves nothing half done.

        Raises:
            JobCancelled: somebody did.
            JobSuperseded: another run has taken over.
        """
        self._check_superseded()
        if self._pulse.cancel_requested.is_set():
            raise JobCancelled

    def complete(self, result: Mapping[str, Any] | None = None) -> None:
        """Finish the job within the handler's open transaction, as its last statement.

        The work and the job's status are then committed together, or neither is.

        Raises:
            JobSuperseded: another run has taken over; the transaction must roll back.
        """
        self._pulse.hold()
        outcome = Outcome(JobStatus.COMPLETED, result=result or {}, progress=self._pulse.progress)
        if not finish(claim=self._claim, outcome=outcome):
            raise JobSuperseded
        self.completed = True

    def _check_superseded(self) -> None:
        if self._pulse.superseded.is_set():
            raise JobSuperseded
