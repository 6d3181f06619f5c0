"""The trainings that wait, run and have ended."""

from __future__ import annotations

import json
import shutil
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from label_studio_ml.errors import NoSuchJob, TooManyWaiting, TrainingIsRunning
from label_studio_ml.state import State
from label_studio_ml.store import StoredValues

MAX_WAITING = 1000
"""Events of one project that may wait."""

KEPT_JOBS = 50
"""Ended trainings of a project of which rows and logs are kept; the files of the last success always are."""

MAX_STARTS = 3
"""A training that goes down with its server is started again, but not for ever: it may be what brings it down."""

_OPEN = ("queued", "started")


@dataclass(frozen=True, slots=True)
class Job:
    """One training.

    Attributes:
        status: queued, started, finished, failed or canceled.
        result: what `fit` returned.
        error: why it failed, in a line.
    """

    number: int
    id: str
    project: str
    event: str
    status: str
    created_at: float
    started_at: float | None
    ended_at: float | None
    starts: int
    owner: str | None
    process: str | None
    stop_wanted: int
    model_version: str | None
    result: str | None
    error: str | None

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.status in _OPEN


def folder_of(state: State, job_id: str) -> Path:
    """Return the folder of a job: the request, the log, and `work/` with what `fit` wrote."""
    return state.model_dir / "jobs" / job_id


def log_of(state: State, job_id: str) -> Path:
    """Return the file with what the training printed."""
    return folder_of(state, job_id) / "output.log"


class TrainingQueue:
    """The jobs in the state file."""

    def __init__(self, state: State) -> None:
        self._state = state

    # --- Asking -----------------------------------------------------------------------------------------

    def job(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            NoSuchJob: there is none.
        """
        found = self._state.rows("SELECT * FROM jobs WHERE id = ?", job_id)
        if not found:
            raise NoSuchJob(
                f"There is no training {job_id[:80]}: it never was, or was removed after newer ones."
            )
        return Job(*found[0])

    def jobs(self, project: str, limit: int = KEPT_JOBS) -> list[Job]:
        """Return the jobs of a project, the newest first."""
        return self._jobs("project = ? ORDER BY number DESC LIMIT ?", project, limit)

    def open_jobs(self, project: str) -> list[Job]:
        """Return the jobs of a project that wait or run, the oldest first."""
        return self._jobs("status IN ('queued', 'started') AND project = ? ORDER BY number", project)

    def started(self) -> list[Job]:
        """Return the jobs of all projects that run, or were running when their process was lost."""
        return self._jobs("status = 'started' ORDER BY number")

    def has_open(self) -> bool:
        """Whether any job waits or runs."""
        return bool(self._state.rows("SELECT 1 FROM jobs WHERE status IN ('queued', 'started') LIMIT 1"))

    def _jobs(self, condition: str, *parameters: object) -> list[Job]:
        return [Job(*row) for row in self._state.rows(f"SELECT * FROM jobs WHERE {condition}", *parameters)]  # noqa: S608 - conditions are ours

    # --- Entering ---------------------------------------------------------------------------------------

    def start_now(self, project: str, event: str, data: dict[str, Any], label_config: str) -> Job:
        """Enter a training that a person asked for.

        Raises:
            TrainingIsRunning: one of this project waits or runs.
        """
        with self._state.changing():
            for job in self.open_jobs(project):
                raise TrainingIsRunning(
                    f"Can't start new training: training {job.id} of project {project} is {job.status}."
                    " Wait until it has ended, or cancel it.",
                    job.id,
                )
            return self._enter(project, event, data, label_config)

    def enqueue(
        self, project: str, event: str, data: dict[str, Any], label_config: str, *, latest_suffices: bool
    ) -> Job:
        """Enter a training that an event asks for; it runs after those before it.

        Args:
            latest_suffices: it takes the place of events that wait, since `fit` looks at everything anyway.

        Raises:
            TooManyWaiting: too many events of this project wait.
        """
        with self._state.changing():
            waiting = [job for job in self.open_jobs(project) if job.status == "queued"]
            replaced = (
                waiting
                if latest_suffices
                else [job for job in waiting if event == "START_TRAINING" == job.event]
            )
            if len(waiting) - len(replaced) >= MAX_WAITING:
                raise TooManyWaiting(
                    f"{len(waiting)} training events of project {project} wait already. Send it again later."
                )
            job = self._enter(project, event, data, label_config)
            for old in replaced:
                self._end(old.id, "canceled", error=f"Replaced by the newer event {job.id}.")
            return job

    def _enter(self, project: str, event: str, data: dict[str, Any], label_config: str) -> Job:
        job_id = uuid.uuid4().hex
        folder = folder_of(self._state, job_id)
        folder.mkdir(parents=True)
        request = {"event": event, "data": data, "label_config": label_config}
        (folder / "request.json").write_text(json.dumps(request))
        with self._state.changing() as connection:
            connection.execute(
                "INSERT INTO jobs (id, project, event, status, created_at) VALUES (?, ?, ?, 'queued', ?)",
                (job_id, project, event, time.time()),
            )
        self._remove_old(project)
        return self.job(job_id)

    def _remove_old(self, project: str) -> None:
        in_force = StoredValues(self._state, project).get("workdir_job")
        ended = self._jobs(
            "project = ? AND status NOT IN ('queued', 'started') ORDER BY number DESC LIMIT -1 OFFSET ?",
            project,
            KEPT_JOBS,
        )
        for job in ended:
            if job.id != in_force:
                self._remove(job.id)

    def _remove(self, job_id: str) -> None:
        with self._state.changing() as connection:
            connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
        shutil.rmtree(folder_of(self._state, job_id), ignore_errors=True)

    # --- Running ----------------------------------------------------------------------------------------

    def claim(self, owner: str, limit: int) -> Job | None:
        """Mark the oldest job that may run as started by `owner` and return it; None when none may.

        Args:
            owner: the server process.
            limit: how many may run at once, in all projects.
        """
        with self._state.changing() as connection:
            running = {job.project for job in self.started()}
            if len(running) >= limit:
                return None
            for job in self._jobs("status = 'queued' ORDER BY number"):
                if job.project not in running:
                    connection.execute(
                        "UPDATE jobs SET status = 'started', started_at = ?, starts = starts + 1, owner = ?,"
                        " process = NULL, stop_wanted = 0 WHERE id = ?",
                        (time.time(), owner, job.id),
                    )
                    return self.job(job.id)
        return None

    def attach(self, job_id: str, start: int, process: str) -> bool:
        """Note the process that runs a job; return whether it may: the job may have been started again meanwhile.

        Args:
            start: the number of the start that the process is for.
            process: who it is.
        """
        with self._state.changing() as connection:
            noted = connection.execute(
                "UPDATE jobs SET process = ? WHERE id = ? AND status = 'started' AND starts = ? AND process IS NULL",
                (process, job_id, start),
            )
        return bool(noted.rowcount)

    def finish(self, job_id: str, result: Any, changes: dict[str, Any]) -> None:
        """End a job that has succeeded: what it set and its model version count from now on, in one step.

        Args:
            result: what `fit` returned, as JSON holds it.
            changes: what it set.
        """
        with self._state.changing() as connection:
            job = self.job(job_id)
            if job.status != "started":
                return
            values = StoredValues(self._state, job.project)
            values.update({**changes, "generation": (values.get("generation") or 0) + 1})
            connection.execute(
                "UPDATE jobs SET result = ?, model_version = ? WHERE id = ?",
                (json.dumps(result, allow_nan=False), values.get("model_version"), job_id),
            )
            self._end(job_id, "finished")
            self._remove_old_work(job.project)

    def _remove_old_work(self, project: str) -> None:
        """Remove what former trainings wrote, but for the one in force and those that a server may just be loading."""
        in_force = StoredValues(self._state, project).get("workdir_job")
        for job in self._jobs(
            "project = ? AND status = 'finished' ORDER BY number DESC LIMIT -1 OFFSET 3", project
        ):
            if job.id != in_force:
                shutil.rmtree(folder_of(self._state, job.id) / "work", ignore_errors=True)

    def fail(self, job_id: str, error: str) -> None:
        """End a job that has failed."""
        self._end(job_id, "failed", error=error)

    def put_back(self, job_id: str) -> None:
        """Let a job that was stopped in order, with its server, wait again."""
        with self._state.changing() as connection:
            connection.execute(
                "UPDATE jobs SET status = 'queued', owner = NULL, process = NULL, starts = starts - 1"
                " WHERE id = ? AND status = 'started'",
                (job_id,),
            )

    def put_back_lost(self, job: Job) -> None:
        """Let a job wait again that went down with its server; when that has happened too often it fails.

        Args:
            job: as it was when it was found lost; one that somebody has touched since stays as it is.
        """
        with self._state.changing() as connection:
            condition = "id = ? AND status = 'started' AND owner IS ? AND process IS ?"
            found = self._jobs(condition, job.id, job.owner, job.process)
            if found and job.starts >= MAX_STARTS:
                self.fail(job.id, f"Interrupted {job.starts} times, each time with the server that ran it.")
            elif found:
                connection.execute(
                    "UPDATE jobs SET status = 'queued', owner = NULL, process = NULL WHERE id = ?", (job.id,)
                )

    def cancel(self, job_id: str) -> Job:
        """End a job that waits; have one that runs stopped. One that has ended stays as it is."""
        with self._state.changing() as connection:
            job = self.job(job_id)
            if job.status == "queued":
                self.end_canceled(job_id)
            elif job.status == "started":
                connection.execute("UPDATE jobs SET stop_wanted = 1 WHERE id = ?", (job_id,))
            return self.job(job_id)

    def end_canceled(self, job_id: str) -> None:
        """End a job that was stopped."""
        self._end(job_id, "canceled", error="Canceled.")

    def _end(self, job_id: str, status: str, *, error: str | None = None) -> None:
        with self._state.changing() as connection:
            ended = connection.execute(
                "UPDATE jobs SET status = ?, ended_at = ?, error = ? WHERE id = ? AND status IN ('queued', 'started')",
                (status, time.time(), error, job_id),
            )
        if not ended.rowcount:
            return
        folder = folder_of(self._state, job_id)
        (folder / "request.json").unlink(
            missing_ok=True
        )  # may be as large as a request; the job does not run again
        if status != "finished":
            shutil.rmtree(folder / "work", ignore_errors=True)

    def forget(self, project: str) -> None:
        """Remove everything of a project; a training that runs finds its job gone and changes nothing."""
        with self._state.changing() as connection:
            jobs = self._jobs("project = ?", project)
            for table in ("entries", "versions", "jobs"):
                connection.execute(f"DELETE FROM {table} WHERE project = ?", (project,))  # noqa: S608 - our tables
        for job in jobs:
            shutil.rmtree(folder_of(self._state, job.id), ignore_errors=True)


__all__ = ["Job", "TrainingQueue", "folder_of", "log_of"]
