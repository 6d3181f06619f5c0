"""The settings of the tests' Celery worker: those of the test session, its database, and impatient timing."""

import os
from datetime import timedelta
from importlib import import_module

_session = import_module(os.environ["TEST_SESSION_SETTINGS"])
globals().update({name: getattr(_session, name) for name in dir(_session) if name.isupper()})

INSTALLED_APPS = [*_session.INSTALLED_APPS, "tests.jobs.workload"]
DATABASES = {
    "default": {**_session.DATABASES["default"], "NAME": os.environ["TEST_DATABASE_NAME"], "CONN_MAX_AGE": 0}
}
JOB_TIMING = {
    "heartbeat": timedelta(seconds=0.3),
    "progress": timedelta(seconds=0.1),
    "stale": timedelta(seconds=4),
    "unsent": timedelta(seconds=0.5),
    "resend": timedelta(seconds=1),
    "upkeep": timedelta(seconds=1),
    "worker_stale": timedelta(seconds=6),
}
