"""What projects tell the other rooms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProjectCreated:
    """There is a new project."""

    project_id: int
