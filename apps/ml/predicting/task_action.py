"""The data manager's action that asks an ML backend for predictions of the chosen tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.core.errors import ValidationFailed
from apps.data_manager.actions.action import BULK, TaskAction, Work
from apps.data_manager.actions.option import Choice, Option
from apps.data_manager.listing import batches_of_ids
from apps.data_manager.selection import EVERYTHING
from apps.ml.models import MLBackend
from apps.ml.predicting.choosing import MAX_IDS, Chosen, Which, of_ids
from apps.ml.predicting.runs import start_run
from apps.projects.models import Project
from apps.projects.policy import Action as Right


def _backends(project: Project) -> Sequence[Choice]:
    rows = list(MLBackend.objects.filter(project=project).order_by("pk"))
    first = Choice("", "The first one" if rows else "None is connected")
    return [first, *(Choice(backend.pk, str(backend)) for backend in rows)]


def _check_backend(project: Project, options: Mapping[str, Any]) -> None:
    _backend(project, options)


def _backend(project: Project, options: Mapping[str, Any]) -> MLBackend:
    rows = MLBackend.objects.select_related("project").filter(project=project)
    chosen = rows.filter(pk=options["backend"]) if options["backend"] else rows
    backend: MLBackend | None = chosen.order_by("pk").first()
    if backend is None:
        raise ValidationFailed("This project has no ML backend to ask. Connect one first.")
    return backend


def _retrieve_predictions(work: Work) -> None:
    """Start one run of the chosen tasks; the run goes on by itself and tells of its progress as a job."""
    if not work.run.selected:
        return
    query = work.query
    everything = not query.filters and query.selection == EVERYTHING and query.only_tasks_of is None
    chosen = Chosen(Which.ALL) if everything else of_ids(_ids(work))
    backend = _backend(work.project, work.options)
    run = start_run(backend=backend, chosen=chosen, created_by=work.actor)
    work.keep(prediction_run=run.pk)
    work.tally.processed = work.run.selected
    work.report(work.run.selected)


def _ids(work: Work) -> list[int]:
    found: list[int] = []
    for ids in batches_of_ids(work.query, BULK):
        found += ids
        if len(found) > MAX_IDS:
            break
        work.report(0)
    return found


RETRIEVE_PREDICTIONS = TaskAction(
    "retrieve_tasks_predictions", "Retrieve predictions", 90, Right.CHANGE_PREDICTIONS,
    "Ask the ML backend for predictions of the selected tasks? A job fetches them; labeling goes on meanwhile.",
    "tasks handed to the ML backend", None, _retrieve_predictions, check=_check_backend,
    options=(
        Option("backend", "ML backend", "select", choices=_backends, required=False, default=""),
    ),
)  # fmt: skip
