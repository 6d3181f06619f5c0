"""Starts trainings, sees them end, and finds those whose process was lost. One thread in each server process."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from label_studio_ml.serving.settings import ServerSettings
from label_studio_ml.state import State
from label_studio_ml.training.identity import find_process, process_identity
from label_studio_ml.training.queue import Job, TrainingQueue, folder_of, log_of

TICK_SECONDS = 0.2
IDLE_SECONDS = 1.0
STOP_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Dispatcher:
    """Runs the trainings of the queue, as many at once as the settings allow."""

    def __init__(
        self, settings: ServerSettings, state: State, every_tick: Callable[[], None] = lambda: None
    ) -> None:
        """Prepare; `start` begins.

        Args:
            settings: of the server.
            state: of the model directory.
            every_tick: called about once a second besides.
        """
        self._settings = settings
        self._state = state
        self._queue = TrainingQueue(state)
        self._every_tick = every_tick
        self._me = process_identity()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._killing: dict[str, float] = {}
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="trainings", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the queue at once."""
        self._wake.set()

    def stop(self) -> None:
        """Stop this process's trainings and let them wait for the next start."""
        self._stopping = True
        self._wake.set()
        self._thread.join()
        for child in self._children.values():
            child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for job_id, child in self._children.items():
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            self._queue.put_back(job_id)

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._tick()
            except Exception:  # the thread must outlive a full disk: it tries again
                logger.exception("The queue of trainings cannot be read; it is tried again.")
            self._wake.wait(TICK_SECONDS if self._children else IDLE_SECONDS)
            self._wake.clear()

    def _tick(self) -> None:
        self._every_tick()
        self._reap()
        for job in self._queue.started():
            if job.stop_wanted:
                self._stop(job)
            elif find_process(job.owner) is None and find_process(job.process) is None:
                logger.warning("Training %s was lost with its server; it starts again.", job.id)
                self._queue.put_back_lost(job)
        while not self._stopping and (claimed := self._queue.claim(self._me, self._settings.max_trainings)):
            try:
                self._launch(claimed)
            except OSError as error:
                self._queue.fail(claimed.id, f"The training process could not be started: {error}")

    def _launch(self, job: Job) -> None:
        log = log_of(self._state, job.id)
        environment = {**os.environ, **self._settings.environment(), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "label_studio_ml.training.process", job.id, str(job.starts)]
        with log.open("ab") as output:
            self._children[job.id] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=folder_of(self._state, job.id),
                start_new_session=True,  # Ctrl-C at the terminal is for the server, which stops trainings in order
            )
        logger.info("Training %s of project %s has started; its log is %s.", job.id, job.project, log)

    def _reap(self) -> None:
        for job_id, child in list(self._children.items()):
            if child.poll() is None:
                continue
            del self._children[job_id]
            if job_id in self._killing:
                del self._killing[job_id]
                self._queue.end_canceled(job_id)
            else:
                self._queue.fail(job_id, _cause(child.returncode))  # changes nothing when the job ended well
            logger.info("Training %s has ended.", job_id)

    def _stop(self, job: Job) -> None:
        child = self._children.get(job.id)
        if child is None:
            if find_process(job.owner) is None:  # nobody else will
                if process := find_process(job.process):
                    process.kill()
                self._queue.end_canceled(job.id)
        elif job.id not in self._killing:
            self._killing[job.id] = time.monotonic()
            child.terminate()
        elif time.monotonic() - self._killing[job.id] > STOP_SECONDS:
            child.kill()


def _cause(code: int) -> str:
    if code >= 0:
        return f"The training process ended with code {code} before fit was through; see its log."
    name = signal.Signals(-code).name
    hint = " Often the machine has run out of memory." if name == "SIGKILL" else ""
    return f"The training process was ended by {name}.{hint}"
