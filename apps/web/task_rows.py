"""What the tasks page shows of each task."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apps.accounts.models import User
from apps.labeling.config import LabelingConfig
from apps.tasks.models import Task
from apps.web.data_values import shorten


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task with a line of its data and the person who changed it last."""

    task: Task
    preview: str
    updated_by: User | None

    @property
    def state(self) -> str:
        """Where the task stands, in one word."""
        if self.task.is_labeled:
            return "labeled"
        if self.task.answers_count:
            return "in progress"
        return "skipped" if self.task.skips_count else "open"


def task_rows(tasks: Iterable[Task], config: LabelingConfig) -> list[TaskRow]:
    """Return a row for each task, reading the people of all of them at once."""
    listed = list(tasks)
    people = User.objects.in_bulk({task.updated_by_id for task in listed if task.updated_by_id})
    return [TaskRow(task, preview_of(task.data, config), people.get(task.updated_by_id)) for task in listed]


def preview_of(data: dict[str, Any], config: LabelingConfig) -> str:
    """Return the value that says most about a task: the first one the config shows, else the first one."""
    key = next((name for name in config.variables if name in data), next(iter(data), None))
    return shorten(data[key]) if key is not None else ""
