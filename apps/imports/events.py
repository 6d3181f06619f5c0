"""What imports tell other rooms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TasksImported:
    """An import has brought tasks; published in its transaction."""

    project_id: int
    import_id: int
    task_count: int
