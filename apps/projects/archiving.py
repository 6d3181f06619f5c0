"""Archiving a project: it is kept and can be read and exported, but nobody labels in it until it is brought back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import NotAllowed
from apps.projects.locks import lock_project
from apps.projects.models import Project

ARCHIVED = "This project is archived: nobody labels in it. Ask its owner or a manager to bring it back."


@transaction.atomic
def archive_project(*, project_id: int, archived_by: User | None) -> Project:
    """Put a project aside; one that is archived already stays as it is.

    Raises:
        NotFound: it was deleted in the meantime.
    """
    project = lock_project(project_id)
    if project.archived_at is None:
        project.archived_at = timezone.now()
        _store(project, AuditAction.PROJECT_ARCHIVED, archived_by)
    return project


@transaction.atomic
def unarchive_project(*, project_id: int, unarchived_by: User | None) -> Project:
    """Bring a project back; one that is not archived stays as it is.

    Raises:
        NotFound: it was deleted in the meantime.
    """
    project = lock_project(project_id)
    if project.archived_at is not None:
        project.archived_at = None
        _store(project, AuditAction.PROJECT_UNARCHIVED, unarchived_by)
    return project


def _store(project: Project, action: AuditAction, actor: User | None) -> None:
    project.save(update_fields=["archived_at"])
    record(action, actor=actor, target=project, project_id=project.pk)


def require_labeling(project: Project) -> None:
    """Let a change of completions pass, unless the project is archived.

    Raises:
        NotAllowed: it is.
    """
    if project.archived_at is not None:
        raise NotAllowed(ARCHIVED)
