"""Ways to a page: the search in the top bar, and the addresses of the Flask era."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe

from apps.completions.own_tasks import readable_task
from apps.core.errors import NotFound
from apps.core.ids import id_in
from apps.projects.current_project import current_project
from apps.projects.policy import Action, allows
from apps.web.access import SignedInRequest

OLD_ADDRESSES = {
    "setup": ("settings", Action.CHANGE_PROJECT),
    "settings": ("settings", Action.CHANGE_PROJECT),
    "tasks": ("tasks", Action.VIEW_PROJECT),
    "import": ("import", Action.IMPORT),
    "export": ("export", Action.EXPORT),
    "model": ("overview", Action.VIEW_PROJECT),
    "welcome": ("overview", Action.VIEW_PROJECT),
}
"""What the one project of a Flask-era server had at its root: today's page, and what it takes to open it."""


@require_GET
def search(request: SignedInRequest) -> HttpResponse:
    """Go to the task with this number, else to the projects that match."""
    text = request.GET.get("q", "").strip()
    task_id = id_in(text)
    if task_id is not None:
        try:
            task = readable_task(request.user, task_id)
        except NotFound:
            pass  # a project may be called like a number
        else:
            return redirect("web:task", task.project_id, task.pk)
    return redirect(f"{reverse('web:projects')}?{urlencode({'q': text})}")


@require_safe
def old_address(request: SignedInRequest, name: str) -> HttpResponse:
    """Lead an old address to the same page of the current project, or as near as this person's role allows."""
    project = current_project(request.user, request.session)
    if project is None:
        return redirect("web:projects")
    page, action = OLD_ADDRESSES[name]
    return redirect(f"web:{page if allows(project.my_role, action) else 'overview'}", project.pk)
