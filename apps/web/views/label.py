"""The label page: a bar and, in a frame of its own, the editor.

The editor is a published build that resets the styles of its whole document and writes inline styles; the frame keeps
both away from our pages. It has the strictest script rule of all: only scripts that carry the response's nonce run,
so that HTML inside a task's data can run none, not even one that was uploaded to this server.
"""

from __future__ import annotations

from typing import Any

from csp.constants import NONCE, NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from apps.completions.own_tasks import task_to_open_for_labeling
from apps.completions.queries import count_since
from apps.core.errors import NotFound
from apps.core.ids import id_in
from apps.labeling import config as labeling
from apps.ml.interactive import interactive_backend
from apps.ml.predicting.opening import asks_on_open
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.projects.queries import totals_of
from apps.web.access import SignedInRequest, open_project
from apps.web.data_values import text_keys
from apps.web.instructions import render_instructions, shows_instructions
from apps.web.navigation import tabs_of
from apps.web.time_zones import midnight_in

FRAME_POLICY: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [NONCE],
    "style-src": [SELF, "'unsafe-inline'"],
    "img-src": [SELF, "data:", "blob:", *settings.DATA_SOURCES],
    "media-src": [SELF, "blob:", *settings.DATA_SOURCES],
    "connect-src": [SELF, *settings.DATA_SOURCES],
    "font-src": [SELF, "data:"],
    # HyperText with <embed>, <object> or <iframe> shows documents of this server only.
    "object-src": [SELF],
    "frame-src": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
}


@shows_instructions
@ensure_csrf_cookie
@require_GET
def label(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show the label page for the stream of tasks, or for the one task named by `?task=`."""
    project = open_project(request, project_id, Action.LABEL)
    task_id = _asked_task(request, project)
    context = {
        "project": project,
        "tabs": tabs_of(project),
        "tab": "label",
        "instruction": render_instructions(project.instruction),
        "is_single_task": task_id is not None,
        "label_context": _label_context(request, project, task_id),
        **_progress(request, project),
    }
    return render(request, "web/pages/label.html", context)


@require_GET
def label_progress(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Return the progress part of the bar, as it stands now."""
    project = open_project(request, project_id, Action.LABEL)
    return render(request, "web/parts/label_progress.html", _progress(request, project))


@csp_replace(FRAME_POLICY)
@require_GET
def label_frame(request: HttpRequest) -> HttpResponse:
    """Return the empty editor, which the label page fills with a task."""
    return render(request, "web/pages/label_frame.html")


def _asked_task(request: SignedInRequest, project: Project) -> int | None:
    asked = request.GET.get("task", "")
    if not asked:
        return None
    task_id = id_in(asked)
    if task_id is None:
        raise NotFound(f"There is no task “{asked[:40]}”.")
    found: int = task_to_open_for_labeling(project, request.user, task_id).pk
    return found


def _label_context(request: SignedInRequest, project: Project, task_id: int | None) -> dict[str, Any]:
    user = request.user
    return {
        "project": project.pk,
        "task": task_id,
        "config": project.label_config,
        "maySkip": project.show_skip_button,
        "mayBeEmpty": project.allow_empty_completions,
        "showPredictions": project.show_predictions,
        "interactiveModel": interactive_backend(project.pk),
        "predictsOpened": project.show_predictions and asks_on_open(project.pk),
        "textKeys": text_keys(labeling.parse(project.label_config)),
        "person": {
            "id": user.pk,
            "firstName": user.first_name or user.email,
            "lastName": user.last_name,
            "email": user.email,
        },
        "frameAddress": reverse("web:label-frame"),
    }


def _progress(request: SignedInRequest, project: Project) -> dict[str, Any]:
    return {
        "project": project,
        "totals": totals_of([project.pk])[project.pk],
        "answered_today": count_since(project, request.user, midnight_in(request.GET.get("zone", ""))),
    }
