"""The ML backends that the operator gives each new project, as in multisession mode those of `--ml-backends`."""

from __future__ import annotations

from django.conf import settings

from apps.core.errors import ProductError, ValidationFailed
from apps.core.events import record_within
from apps.jobs.services import enqueue
from apps.ml.models import MLBackend
from apps.ml.protocol.addresses import normalized_url
from apps.ml.services import connect_backend
from apps.projects.events import ProjectCreated
from apps.projects.models import Project

CONNECT = "ml-connect-new-project"
"""The kind of the job; its handler is in `apps.ml.jobs.connecting`."""


def listen() -> None:
    """Hear of new projects from now on."""
    record_within(ProjectCreated, connect_soon)


def connect_soon(event: ProjectCreated) -> None:
    """Have a worker connect the backends of new projects: nobody who makes a project waits for models."""
    if settings.ML_BACKENDS_FOR_NEW_PROJECTS:
        project = Project.objects.get(pk=event.project_id)
        enqueue(
            kind=CONNECT,
            project=project,
            payload={"project": project.pk},
            dedupe_key=f"{CONNECT}:{project.pk}",
        )


def connect_given(project_id: int) -> list[int]:
    """Connect the operator's backends to a project, as far as they are not yet; return their ids.

    One that does not answer is stored as not connected, and connected when a later check finds it well.

    Raises:
        ValidationFailed: one cannot be connected at all; the others are.
    """
    project = Project.objects.filter(pk=project_id, deleted_at=None).first()
    if project is None:
        return []
    connected, refused = [], []
    known = set(MLBackend.objects.filter(project=project).values_list("url", flat=True))
    for url, title in settings.ML_BACKENDS_FOR_NEW_PROJECTS.items():
        try:
            if normalized_url(url) not in known:
                given = {"url": url, "title": title}
                backend = connect_backend(project=project, connected_by=None, store_anyway=True, **given)
                connected.append(backend.pk)
        except ProductError as error:
            refused.append(f"{url}: {error.message}")
    if refused:
        raise ValidationFailed(f"Not all ML backends of new projects can be connected. {' '.join(refused)}")
    return connected
