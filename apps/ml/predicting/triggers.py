"""What sets prediction runs in motion without a person: a new model version, an import, the schedule."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef
from django.db.models.functions import Now

from apps.core.events import subscribe
from apps.data_manager.actions import register_action
from apps.imports.events import TasksImported
from apps.ml.events import NewModelVersion
from apps.ml.models import MLBackend, PredictionRun, RunTrigger
from apps.ml.predicting.choosing import Chosen, Which
from apps.ml.predicting.runs import cancel_outdated, start_run
from apps.ml.predicting.showing import show_newest
from apps.ml.predicting.task_action import RETRIEVE_PREDICTIONS


def listen() -> None:
    """Hear of what sets runs in motion, and offer the data manager its action."""
    subscribe(NewModelVersion, on_new_version)
    subscribe(TasksImported, on_import)
    register_action(RETRIEVE_PREDICTIONS)


def on_new_version(event: NewModelVersion) -> None:
    """Have unlabeled tasks predicted anew, those first that are next in the queue.

    The project shows the new version when that is done: until then the former version's scores keep the queue in
    order.
    """
    backend = MLBackend.objects.select_related("project").filter(pk=event.backend_id).first()
    if backend is None:
        return
    if not backend.predict_on_new_version:
        show_newest(backend_id=backend.pk, version=event.name)
        return
    cancel_outdated(backend=backend, version=event.name)
    start_run(
        backend=backend, chosen=Chosen(Which.WAITING, version=event.name), trigger=RunTrigger.NEW_VERSION
    )  # fmt: skip


def on_import(event: TasksImported) -> None:
    """Have imported tasks predicted by the backends that are set up that way."""
    wanted = MLBackend.objects.select_related("project").filter(
        project_id=event.project_id, predict_on_import=True
    )
    for backend in wanted:
        chosen = Chosen(Which.IMPORT, number=event.import_id)
        start_run(backend=backend, chosen=chosen, trigger=RunTrigger.IMPORT)


def start_scheduled_runs() -> int:
    """Start the runs that are due by their backends' `predict_every_hours`; return how many."""
    scheduled = MLBackend.objects.filter(predict_every_hours__gt=0, project__deleted_at=None)
    interval = ExpressionWrapper(F("predict_every_hours") * timedelta(hours=1), output_field=DurationField())
    lately = PredictionRun.objects.filter(
        backend=OuterRef("pk"), trigger=RunTrigger.SCHEDULE, created_at__gt=Now() - OuterRef("interval")
    )
    due = scheduled.alias(interval=interval).exclude(Exists(lately)).select_related("project")
    for backend in due:
        chosen = Chosen(Which.WITHOUT_VERSION, version=backend.model_version)
        start_run(backend=backend, chosen=chosen, trigger=RunTrigger.SCHEDULE)
    return len(due)
