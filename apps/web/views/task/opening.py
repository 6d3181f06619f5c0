"""The task of a page, and the headers that let it show media."""

from __future__ import annotations

from typing import cast

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings

from apps.completions.own_tasks import readable_task
from apps.core.errors import NotFound
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.tasks.models import Task
from apps.web.access import SignedInRequest, View, open_project


def open_task(
    request: SignedInRequest, project_id: int, task_id: int, action: Action = Action.VIEW_PROJECT
) -> tuple[Project, Task]:
    """Return the project and the task of a page.

    Raises:
        NotFound: the person may not know of them, or the task belongs elsewhere.
        NotAllowed: their role does not allow `action`.
    """
    project = open_project(request, project_id, action)
    task = readable_task(request.user, task_id)
    if task.project_id != project.pk:
        raise NotFound(f"Project {project.pk} has no task {task_id}.")
    return project, task


def shows_media(view: View) -> View:
    """Let a page show images, audio and video from where tasks' data may lie."""
    sources = {"img-src": settings.DATA_SOURCES, "media-src": [SELF, *settings.DATA_SOURCES]}
    return cast(View, csp_update(sources)(view))
