"""The Celery side of sending; imported late, because Celery takes half a second to import."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from uuid import UUID

from celery import Celery
from django.conf import settings
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from apps.jobs.dispatch import RUN_JOB

logger = logging.getLogger(__name__)


def publish(job_ids: Iterable[UUID]) -> list[UUID]:
    """Send one message for each job and return those that were sent; stop at the first that cannot be."""
    app: Celery = import_string(settings.JOBS_CELERY_APP)
    sent: list[UUID] = []
    for job_id in job_ids:
        try:
            app.send_task(RUN_JOB, args=[str(job_id)])
        except (OperationalError, RedisError) as error:
            # Nothing is lost: the job's row is committed, and the sweeper sends it when the broker is back.
            logger.warning("The broker does not take job %s for now: %s", job_id, error)
            break
        sent.append(job_id)
    return sent
