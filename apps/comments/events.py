"""What upper rooms may hear of comments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class CommentChanged:
    """A comment was created, changed (resolved and reopened, too) or deleted."""

    comment_id: int
    task_id: int
    project_id: int
    change: Literal["created", "updated", "deleted"]
