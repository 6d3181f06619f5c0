"""What each worker does between jobs: says that it is alive, and sweeps.

It rides on the heart-beat of Celery's main process rather than on Celery beat: a beat inside the worker is a
process of its own that outlives a killed worker, one beside it is one more thing to run, and the sweep of
either would be a message to the very broker whose losses it shall mend, behind the jobs it shall rescue.
The heart-beat stops while the broker is away, so "no worker is running" is then true in effect.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from django.db import Error, connection
from django.db.models.functions import Now

from apps.jobs.models import Worker
from apps.jobs.sweeping import SweepCounts, sweep
from apps.jobs.timing import job_timing

logger = logging.getLogger(__name__)

_FORGET_AFTER_STALE_TIMES = 180
_last_upkeep: dict[str, float] = {}


def on_heartbeat(sender: Any, **kwargs: Any) -> None:
    """Receive Celery's `heartbeat_sent` (every 2 s) in the worker's main process."""
    hostname = str(sender.eventer.hostname)
    now = time.monotonic()
    if now - _last_upkeep.get(hostname, float("-inf")) < job_timing().upkeep.total_seconds():
        return
    _last_upkeep[hostname] = now
    keep_up(hostname=hostname)


def on_shutdown(sender: Any, **kwargs: Any) -> None:
    """Receive Celery's `worker_shutdown`: the worker leaves the list at once, not when it has gone stale."""
    try:
        Worker.objects.filter(hostname=str(sender.hostname)).delete()
    except Error as error:
        logger.warning("Worker %s could not sign off: %s", sender.hostname, error)
    finally:
        connection.close()


def keep_up(*, hostname: str) -> SweepCounts:
    """Write the worker's heart-beat and sweep; while the database is away, that is logged and tried again."""
    try:
        _write_heartbeat(hostname)
        counts = sweep()
    except Error as error:
        logger.warning("Worker %s could not write its heart-beat or sweep: %s", hostname, error)
        return SweepCounts()
    finally:
        # Pool processes are forked from this one and must not inherit a connection.
        connection.close()
    if counts != SweepCounts():
        logger.info("Swept: %s", counts)
    return counts


def _write_heartbeat(hostname: str) -> None:
    Worker.objects.update_or_create(hostname=hostname, defaults={"last_seen": Now()})
    Worker.objects.filter(
        last_seen__lt=Now() - job_timing().worker_stale * _FORGET_AFTER_STALE_TIMES
    ).delete()
