"""Has the project show the newest version of a model, where the backend is set up that way."""

from __future__ import annotations

from apps.ml.models import MLBackend
from apps.projects.services import update_project


def show_newest(*, backend_id: int, version: str) -> bool:
    """Show annotators the predictions of a new version; return whether that changed anything.

    The tasks' scores follow by a job of the project's.
    """
    backend = MLBackend.objects.select_related("project").filter(pk=backend_id, auto_update=True).first()
    if backend is None or not version or backend.project.model_version == version:
        return False
    update_project(project_id=backend.project_id, model_version=version)
    return True
