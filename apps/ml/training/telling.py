"""Tells backends of completions that were created, changed or deleted: at least once, and those of a task in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from apps.completions.models import Completion
from apps.jobs.services import enqueue
from apps.ml.calling import calling
from apps.ml.models import CompletionEvent, MLBackend
from apps.ml.protocol.errors import BackendError, BackendFailed
from apps.ml.protocol.tasks import completion_for_backend, task_documents

TELL = "ml-tell-of-completions"
"""The kind of the job that tells one backend."""

EVENTS_AT_ONCE = 100
MAX_ATTEMPTS = 5
"""An event that the backend fails on so often keeps the others waiting no longer."""

KEPT_FOR = timedelta(days=7)
"""What could not be told in that time is told no more: training on it would be asked for anew."""

ACTIONS = {
    "created": "ANNOTATION_CREATED",
    "updated": "ANNOTATION_UPDATED",
    "deleted": "ANNOTATION_DELETED",
}


def ask_to_tell(project_id: int | None = None) -> int:
    """Have workers tell the backends that wait for news; return how many those are.

    Args:
        project_id: its backends alone; None: those of all projects.
    """
    waiting = MLBackend.objects.filter(completion_events__isnull=False, project__deleted_at=None)
    if project_id is not None:
        waiting = waiting.filter(project_id=project_id)
    ready = sorted(waiting.exclude(retry_at__gt=Now()).values_list("pk", flat=True).distinct())
    for backend_id in ready:
        enqueue(kind=TELL, payload={"backend": backend_id}, dedupe_key=f"{TELL}:{backend_id}")
    return len(ready)


def forget_old_events() -> int:
    """Drop events that are too old to be told; return how many."""
    dropped, _ = CompletionEvent.objects.filter(happened_at__lt=Now() - KEPT_FOR).delete()
    return dropped


def tell(backend_id: int, *, between: Callable[[], Any]) -> int:
    """Tell a backend all that waits, the oldest first; return how many events those were.

    An event goes only after the backend has taken it, so a worker that dies tells it twice rather than never. When
    the backend does not answer, this and all later ones wait, for they are to come in order.

    Args:
        between: called before each event; what it raises ends the telling.
    """
    told = 0
    while True:
        backend = MLBackend.objects.select_related("project").filter(pk=backend_id).first()
        events = list(CompletionEvent.objects.filter(backend_id=backend_id)[:EVENTS_AT_ONCE])
        if backend is None or not events:
            return told
        if not backend.send_completion_events:
            CompletionEvent.objects.filter(backend_id=backend_id).delete()
            return told
        for event in events:
            between()
            if not _tell(backend, event):
                return told
            event.delete()
            told += 1


def _tell(backend: MLBackend, event: CompletionEvent) -> bool:
    """Tell a backend of one event; return whether it is done with."""
    completion = (
        Completion.objects.select_related("completed_by").filter(pk=event.completion_id).first()
        if event.change != "deleted"
        else None
    )
    if completion is None and event.change != "deleted":
        return True  # it was deleted since, and the event of that comes later
    task = next(iter(task_documents(backend.project, [event.task_id])), None)
    if task is None:
        return True
    document = {"id": event.completion_id} if completion is None else completion_for_backend(completion)
    try:
        with calling(backend, call="event") as client:
            client.send_event(ACTIONS[event.change], task=task, completion=document)
    except BackendFailed:
        CompletionEvent.objects.filter(pk=event.pk).update(attempts=F("attempts") + 1)
        return event.attempts + 1 >= MAX_ATTEMPTS
    except BackendError:
        return False
    return True
