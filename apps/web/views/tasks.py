"""One task of a project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.completions.models import Completion
from apps.completions.queries import completions_of
from apps.core.errors import NotFound
from apps.labeling import config as labeling
from apps.predictions.models import Prediction
from apps.projects.policy import Action, allows
from apps.tasks.queries import task_for
from apps.web.access import SignedInRequest, View, open_project
from apps.web.data_values import data_values
from apps.web.navigation import tabs_of
from apps.web.result_items import ResultLine, result_lines


def shows_media(view: View) -> View:
    """Let a page show images, audio and video from where tasks' data may lie."""
    sources = {"img-src": settings.DATA_SOURCES, "media-src": [SELF, *settings.DATA_SOURCES]}
    return cast(View, csp_update(sources)(view))


@dataclass(frozen=True, slots=True)
class ShownCompletion:
    """A completion with its result told in lines."""

    row: Completion
    lines: list[ResultLine]


@dataclass(frozen=True, slots=True)
class ShownPrediction:
    """A prediction with its result told in lines."""

    row: Prediction
    lines: list[ResultLine]


@shows_media
@require_GET
def task(request: SignedInRequest, project_id: int, task_id: int) -> HttpResponse:
    """Show one task: its data, its completions side by side, its predictions."""
    project = open_project(request, project_id, Action.VIEW_PROJECT)
    found = task_for(request.user, task_id)
    if found.project_id != project.pk:
        raise NotFound(f"Project {project.pk} has no task {task_id}.")
    completions = completions_of(found, request.user)
    predictions = Prediction.objects.for_user(request.user).filter(task=found).order_by("-pk")
    context = {
        "project": project,
        "tabs": tabs_of(project),
        "tab": "tasks",
        "task": found,
        "values": data_values(found.data, labeling.parse(project.label_config)),
        "completions": [ShownCompletion(row, result_lines(row.result)) for row in completions],
        "predictions": [ShownPrediction(row, result_lines(row.result)) for row in predictions],
        "may_label": allows(project.my_role, Action.LABEL),
    }
    return render(request, "web/pages/task.html", context)
