"""How gunicorn serves the product: `gunicorn -c python:label_studio_server.gunicorn_conf ...`."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

worker_class = "label_studio_server.web_worker.EvenThreadWorker"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# With gevent: requests at a time in one process. Each may hold a database connection.
worker_connections = int(os.environ.get("WEB_CONNECTIONS", "20"))

timeout = 120
graceful_timeout = 15
keepalive = 75
# By default every gunicorn of an account claims the same control socket in the home directory.
control_socket_disable = True
# A worker proves that it lives by touching a file; on a disk that may wait behind other writes.
_memory = Path("/dev/shm")  # noqa: S108 (gunicorn makes unnamed files there)
worker_tmp_dir = str(_memory) if _memory.is_dir() else None
accesslog = None
errorlog = "-"

# A request makes a few thousand objects that go by themselves; looking through them after each 700 is time lost.
GARBAGE_THRESHOLDS = (20_000, 10, 10)


def on_starting(server: Any) -> None:
    """Load every view once, for all processes; then wait for the gate of `label-studio start`, if there is one.

    That command starts us before the database is up to date, because loading takes as long as that. The gate is the
    reading end of a pipe, which ends when we may serve.
    """
    if server.cfg.preload_app:
        from django.urls import get_resolver  # only now the settings can be read

        _ = get_resolver().url_patterns
        # What is loaded stays: the processes need not look through it for garbage, and go on sharing its memory.
        gc.collect()
        gc.freeze()
    gate = os.environ.get("LABEL_STUDIO_START_GATE")
    if gate is not None:
        os.read(int(gate), 1)


def post_fork(server: Any, worker: Any) -> None:
    """Look for garbage less often; with gevent, let the PostgreSQL driver, which is C code, give way while it waits."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    if worker.cfg.worker_class_str == "gevent":
        from psycogreen.gevent import patch_psycopg  # installed with the extra "gevent" only

        patch_psycopg()


def child_exit(server: Any, worker: Any) -> None:
    """Take a process that ended, however it did, out of those that connections are left to."""
    if hasattr(worker, "counts"):
        worker.counts.clear(worker.age)
