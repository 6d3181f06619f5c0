"""What annotators read before and while they label."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from apps.projects.policy import Action
from apps.web.access import SignedInRequest, open_project
from apps.web.forms.project_settings import InstructionsForm
from apps.web.instructions import render_instructions, shows_instructions
from apps.web.settings_pages import settings_context
from apps.web.views.project_settings.saving import answer


@shows_instructions
@require_http_methods(["GET", "POST"])
def instructions(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show and save the instructions, with what annotators see of them."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    form = InstructionsForm(request.POST or None, project=project)
    text = str(form["instruction"].value() or "")
    return answer(
        request, project, form, page="settings-instructions", more={"instruction": render_instructions(text)}
    )


@require_POST
def preview(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Return what annotators would see of instructions that are not saved yet."""
    project = open_project(request, project_id, Action.CHANGE_PROJECT)
    rendered = render_instructions(request.POST.get("instruction", ""))
    context = {**settings_context(project, "settings-instructions"), "instruction": rendered}
    return render(request, "web/parts/instructions.html", context)
