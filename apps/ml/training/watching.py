"""Which projects' completions concern a model: asked with every submit, so it is kept in memory for a moment."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from apps.ml.models import MLBackend

_COLUMNS = ("project_id", "train_after_completions", "completions_at_training", "send_completion_events")

KEPT_SECONDS = 3.0
"""So long may a process not know of a rule that was just made; the job that looks after all counts what it missed."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What the backends of projects want to know of their completions.

    Attributes:
        due_at: by project, at how many completions its next training by that rule is due.
        telling: ids of the projects with a backend that is told of each completion.
    """

    due_at: Mapping[int, int]
    telling: frozenset[int]


_known: tuple[float, Watched] | None = None


def watched() -> Watched:
    """Return which projects' completions concern a model, as of at most `KEPT_SECONDS` ago."""
    global _known
    known = _known
    if known is None or time.monotonic() > known[0]:
        known = _known = (time.monotonic() + KEPT_SECONDS, _read())
    return known[1]


def forget_watched() -> None:
    """Read it anew the next time; for whoever has changed a rule, and for tests."""
    global _known
    _known = None


def _read() -> Watched:
    listening = MLBackend.objects.filter(Q(train_after_completions__gt=0) | Q(send_completion_events=True))
    due_at: dict[int, int] = {}
    telling: set[int] = set()
    for backend in listening.only(*_COLUMNS):
        if backend.train_after_completions:
            due = backend.completions_at_training + backend.train_after_completions
            due_at[backend.project_id] = min(due, due_at.get(backend.project_id, due))
        if backend.send_completion_events:
            telling.add(backend.project_id)
    return Watched(due_at, frozenset(telling))
