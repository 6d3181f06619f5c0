"""What a changed completion sets in motion, called by the change itself: cheap, and nothing where no model listens."""

from __future__ import annotations

import time

from django.db import connection

from apps.completions.events import CompletionChanged
from apps.core.events import record_within, subscribe
from apps.jobs.services import enqueue
from apps.ml.training.watching import watched
from apps.projects.queries import totals_of

REACT = "ml-completions-changed"
"""The kind of the job that trains what is due in a project, and tells backends of completions."""

PAUSE_SECONDS = 1.0
"""A process asks for that job at most so often a project; the job that looks after all finds what is left over."""

_NOTE = """
INSERT INTO ml_completionevent (backend_id, task_id, completion_id, change)
SELECT id, %(task)s, %(completion)s, %(change)s
FROM ml_mlbackend WHERE project_id = %(project)s AND send_completion_events
"""

_asked: dict[int, float] = {}


def is_told(event: CompletionChanged) -> bool:
    """Whether a backend of the project is told of its completions."""
    return event.project_id in watched().telling


def note_change(event: CompletionChanged) -> None:
    """Write down of what backends are to be told, in the transaction of the change: together they stand or fall."""
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "task": event.task_id,
                "completion": event.completion_id,
                "change": event.change,
                "project": event.project_id,
            },
        )


def react_soon(event: CompletionChanged) -> None:
    """Have a worker do what follows from a committed change, unless one was asked a moment ago."""
    if not _matters(event):
        return
    now = time.monotonic()
    if now - _asked.get(event.project_id, float("-inf")) >= PAUSE_SECONDS:
        _asked[event.project_id] = now
        ask_to_react(event.project_id)


def _matters(event: CompletionChanged) -> bool:
    if is_told(event):
        return True
    due_at = watched().due_at.get(event.project_id)
    if due_at is None or event.change != "created":
        return False
    return totals_of([event.project_id])[event.project_id].completions >= due_at


def forget_asked() -> None:
    """Ask again however short ago it was; for tests."""
    _asked.clear()


def ask_to_react(project_id: int) -> None:
    """Have a worker train what is due in a project and tell its backends of completions."""
    enqueue(kind=REACT, payload={"project": project_id}, dedupe_key=f"{REACT}:{project_id}")


def listen() -> None:
    """Hear of completions from now on."""
    record_within(CompletionChanged, note_change, wants=is_told)
    subscribe(CompletionChanged, react_soon)
