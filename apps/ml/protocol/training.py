"""What a backend says of a training: begun, under way, over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.ml.models import MAX_VERSION_CHARACTERS
from apps.ml.protocol.errors import excerpt

LOG_CHARACTERS = 20_000
_UNDER_WAY = frozenset({"queued", "deferred", "scheduled", "started", "running"})
_FAILED = frozenset({"failed", "stopped", "canceled", "cancelled", "lost"})


@dataclass(frozen=True, slots=True)
class TrainingStarted:
    """A training that a backend took on.

    Attributes:
        remote_job: what the backend calls it; None when it gave no name.
        done: whether it was over before the answer came.
        model_version: after it, when it is done.
    """

    remote_job: str | None
    done: bool
    model_version: str


@dataclass(frozen=True, slots=True)
class TrainingState:
    """What a backend says of its training now.

    Attributes:
        is_training: None when the backend does not tell; then a new version is the only sign of its end.
        log: the end of what the model printed, as far as the backend tells it.
        error: why the asked training failed; "" when it did not, or the backend does not tell.
    """

    is_training: bool | None
    model_version: str
    remote_job: str | None
    log: str = ""
    error: str = ""


def job_named_in(document: Mapping[str, Any]) -> str | None:
    """Return the job that an answer to /train or /webhook names."""
    result = document.get("result")
    inner = result if isinstance(result, dict) else {}
    named = document.get("job") or document.get("job_id") or inner.get("job")
    return str(named)[:255] if isinstance(named, str | int) and not isinstance(named, bool) else None


def state_of_job(job: str, document: Mapping[str, Any]) -> TrainingState:
    """Return what an answer to /job_status says of a job."""
    status = str(document.get("job_status") or document.get("status") or "").lower()
    version = document.get("model_version")
    told = document.get("error")
    failed = status in _FAILED or bool(told)
    return TrainingState(
        is_training=None if not status else status in _UNDER_WAY,
        model_version=version[:MAX_VERSION_CHARACTERS].replace("\x00", "")
        if isinstance(version, str)
        else "",
        remote_job=job,
        log=_log(document.get("log")),
        error=(excerpt(told) if isinstance(told, str) and told else f"The backend says: {status}.")
        if failed
        else "",
    )


def _log(given: Any) -> str:
    return given[-LOG_CHARACTERS:].replace("\x00", "") if isinstance(given, str) else ""
