"""What models tell the other rooms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewModelVersion:
    """A backend names another version of its model than before; the first one is new, too."""

    project_id: int
    backend_id: int
    name: str
