"""How programs reach a project."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.projects.policy import Action
from apps.web.access import SignedInRequest, open_project
from apps.web.api_examples import SETTING_NAMES
from apps.web.api_examples import api_examples as examples_of
from apps.web.settings_pages import settings_context


@require_GET
def api_examples(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show the project's id and calls that can be pasted into a terminal."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    host = request.build_absolute_uri("/").rstrip("/")
    context = {
        **settings_context(project, "settings-api"),
        "host": host,
        "examples": examples_of(project, host),
        "setting_names": SETTING_NAMES,
    }
    return render(request, "web/pages/settings_api.html", context)
