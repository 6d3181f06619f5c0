"""What upper rooms may hear of completions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class CompletionChanged:
    """A completion was created, updated or deleted; the ids name what to read again."""

    completion_id: int
    task_id: int
    project_id: int
    change: Literal["created", "updated", "deleted"]


@dataclass(frozen=True, slots=True)
class CompletionsRelabeled:
    """Labels or controls were renamed in completions of a project; published once a batch."""

    project_id: int
    completion_ids: tuple[int, ...]
