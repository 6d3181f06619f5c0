"""What can go wrong between a labeling server, this server and a model, with the HTTP status it is told by."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


class MLBackendError(Exception):
    """Anything that is told to the caller with its cause.

    Attributes:
        detail: what was wrong, where, and what to do.
    """

    status = 500

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def body(self) -> dict[str, Any]:
        """Return the error as the JSON body of a reply."""
        return {"status": self.status, "detail": self.detail}


class BadRequest(MLBackendError):
    """The request is not what the route takes."""

    status = 400


class NotSignedIn(MLBackendError):
    """The request lacks the right user and password."""

    status = 401


class NothingHere(MLBackendError):
    """There is no such route or project."""

    status = 404


class TrainingIsRunning(MLBackendError):
    """A project trains once at a time."""

    status = 409

    def __init__(self, detail: str, job: str) -> None:
        super().__init__(detail)
        self.job = job

    def body(self) -> dict[str, Any]:
        """Return the error with the job that is in the way."""
        return {**super().body(), "job": self.job}


class NoSuchJob(MLBackendError):
    """A job never was, or was removed with its project or after newer ones."""

    status = 410


class RequestTooLarge(MLBackendError):
    """The body of a request passes the limit."""

    status = 413


class TooManyWaiting(MLBackendError):
    """More training events wait than are kept."""

    status = 429


class ModelFailed(MLBackendError):
    """The model's own code raised."""


class ScriptError(MLBackendError):
    """A script holds no model, or cannot be imported."""


class ServerUnreachable(MLBackendError):
    """The labeling server did not answer, or refused."""

    status = 502


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a model returned and a labeling server cannot use.

    Attributes:
        task: the id of the task, or None where the whole reply is wrong.
        path: where in the reply, such as `results[0].result[1].value.choices[0]`.
        expected: what belongs there.
        got: what is there.
    """

    task: Any
    path: str
    expected: str
    got: str

    def __str__(self) -> str:
        place = self.path if self.task is None else f"task {self.task}: {self.path}"
        return f"{place}: expected {self.expected}, got {self.got}"


class BadPrediction(MLBackendError):
    """What the model returned does not fit the tasks or the labeling config."""

    def __init__(self, problems: list[Problem]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"The model's answer cannot be used: {problems[0]}{more}")
        self.problems = problems

    def body(self) -> dict[str, Any]:
        """Return the error with every problem."""
        return {**super().body(), "errors": [asdict(problem) for problem in self.problems]}
