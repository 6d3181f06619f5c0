"""Connects new projects to models as background work."""

from __future__ import annotations

from typing import Any

from apps.jobs.kinds import job_kind
from apps.jobs.running import RunningJob
from apps.ml.new_projects import CONNECT, connect_given


@job_kind(CONNECT, title="Connect models")
def connect_new_project(job: RunningJob) -> dict[str, Any]:
    """Connect the operator's backends; what is connected already is passed over when it starts again."""
    return {"ml_backends": connect_given(job.payload["project"])}
