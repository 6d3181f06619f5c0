"""Deleting a project: gone for everybody at once, its rows deleted by a job."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.jobs.models import Job
from apps.jobs.services import cancel, enqueue
from apps.projects.locks import lock_project
from apps.projects.models import Project

DELETE_PROJECT = "project-deletion"
"""The kind of the job; its handler stands with the tasks, which it deletes first."""


@transaction.atomic
def request_deletion(*, project: Project, requested_by: User | None) -> Job:
    """Hide a project from everybody and return the job that deletes its rows.

    Raises:
        NotFound: it was deleted in the meantime.
    """
    locked = lock_project(project.pk)
    locked.deleted_at = timezone.now()
    locked.save(update_fields=["deleted_at"])
    for job in Job.objects.filter(project=locked).active():
        cancel(job=job)
    record(AuditAction.PROJECT_DELETED, actor=requested_by, target=locked, project_id=locked.pk)
    # The job belongs to no project: it must outlive this one.
    return enqueue(
        kind=DELETE_PROJECT, created_by=requested_by, payload={"project": project.pk, "title": project.title}
    )
