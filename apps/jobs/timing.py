"""How often jobs and workers give a sign of life, and when silence counts as death."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings


@dataclass(frozen=True)
class JobTiming:
    """Durations of the job machinery; the setting `JOB_TIMING`, a dict of these names, overrides them."""

    heartbeat: timedelta = timedelta(seconds=3)
    """A running job writes its heart-beat at least this often."""

    progress: timedelta = timedelta(seconds=0.5)
    """A running job writes its progress at most this often."""

    stale: timedelta = timedelta(seconds=20)
    """A running job that was silent for this long has lost its worker."""

    unsent: timedelta = timedelta(seconds=5)
    """A queued job without a message after this long never got one (the sender died after its commit)."""

    resend: timedelta = timedelta(seconds=15)
    """A queued job gets another message when its last one is this old; the pause then doubles."""

    resend_cap: timedelta = timedelta(minutes=10)
    """The wait between two messages of one job grows no further than this."""

    upkeep: timedelta = timedelta(seconds=5)
    """Each worker writes its own heart-beat and sweeps at most this often."""

    worker_stale: timedelta = timedelta(seconds=20)
    """A worker that was silent for this long is not running."""


def job_timing() -> JobTiming:
    """Return the durations in force."""
    return JobTiming(**getattr(settings, "JOB_TIMING", {}))
