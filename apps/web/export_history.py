"""Exports as pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from apps.exports.formats import CATALOGUE
from apps.exports.models import Export
from apps.jobs.models import JobStatus

_WORDS: dict[str, str | dict[str, str]] = {
    "tasks": {"all": "all tasks"},
    "view": "of a tab",
    "ids": "chosen tasks",
    "selected": "chosen tasks",
    "filters": "filtered",
    "since": "what changed",
    "parts": "split",
    "media": "with media",
    "completions": {
        "all": "all completions", "newest": "newest completions", "ground_truth_first": "ground truth first",
        "accepted": "accepted completions", "consensus": "consensus",
    },
    "people": "of one person",
    "skipped": "without skips",
    "predictions": {"full": "with predictions", "none": "without predictions"},
    "drafts": "with my drafts",
    "history": "with earlier versions",
    "interpolate": "with all frames",
    "identities": {"full": "with names", "pseudonyms": "anonymous"},
}  # fmt: skip
_NARROWING = {"view", "ids", "selected", "filters"}
_LONG_ENOUGH = 2.0
"""Seconds after which a running job's speed says something."""
_MINUTES_FROM = 100


@dataclass(frozen=True, slots=True)
class ShownExport:
    """An export as pages show it."""

    row: Export

    @property
    def format(self) -> str:
        """Its format, as people know it."""
        found = CATALOGUE.get(self.row.format)
        return found.title if found else self.row.format

    @property
    def options(self) -> str:
        """What was asked for besides the format, in a few words."""
        given = self.row.options
        found = [
            word if isinstance(word, str) else word.get(given[name], "")
            for name, word in _WORDS.items()
            if name in given and not (name == "tasks" and _NARROWING & given.keys())
        ]
        return ", ".join(filter(None, found)) or "labeled tasks"

    @property
    def state(self) -> str:
        """Where it stands."""
        return self.row.state

    @property
    def is_completed(self) -> bool:
        """Whether its file is there."""
        return self.row.state == JobStatus.COMPLETED

    @property
    def tasks_per_second(self) -> int | None:
        """How fast its job reads; None while that cannot be said."""
        job = self.row.job
        if job is None or job.started_at is None or not job.progress:
            return None
        elapsed = (timezone.now() - job.started_at).total_seconds()
        return int(job.progress / elapsed) if elapsed > _LONG_ENOUGH else None

    @property
    def time_left(self) -> str:
        """How long its job will still take at that speed; empty while that cannot be said."""
        job, speed = self.row.job, self.tasks_per_second
        if job is None or not speed or not job.total or job.progress >= job.total:
            return ""
        seconds = (job.total - job.progress) // speed + 1
        return f"{seconds} s left" if seconds < _MINUTES_FROM else f"{round(seconds / 60)} min left"


def shown_exports(rows: Iterable[Export]) -> list[ShownExport]:
    """Return exports as pages show them."""
    return [ShownExport(row) for row in rows]
