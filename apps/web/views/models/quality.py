"""Measuring models on their page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from apps.core.errors import ProductError
from apps.ml.quality.services import request_quality
from apps.projects.policy import Action, allows
from apps.web.access import SignedInRequest, open_project
from apps.web.model_quality import measuring_job
from apps.web.views.models.page import SETTLED


@require_http_methods(["GET", "POST"])
def quality(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Have the newest versions measured; or return how the measuring stands."""
    if request.method == "GET":
        return _state(request, project_id)
    project = open_project(request, project_id, Action.CHANGE_MODELS)
    only = request.POST.get("against") == "ground-truth"
    try:
        request_quality(project=project, created_by=request.user, ground_truth_only=only)
    except ProductError as error:
        messages.error(request, error.message)
    response = redirect("web:models", project.pk)
    response["Location"] += ("?against=ground-truth" if only else "") + "#quality"
    return response


def _state(request: SignedInRequest, project_id: int) -> HttpResponse:
    project = open_project(request, project_id, Action.VIEW_MODELS)
    job = measuring_job(project, request.user)
    context = {"project": project, "job": job, "may_change": allows(project.my_role, Action.CHANGE_MODELS)}
    answer = render(request, "web/parts/models/measuring.html", context)
    return answer if job is not None and job.is_active else trigger_client_event(answer, SETTLED)
