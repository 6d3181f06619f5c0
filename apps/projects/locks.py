"""Every row lock of this app, in primary-key order, held until the transaction ends."""

from __future__ import annotations

from apps.core.errors import NotFound
from apps.projects.models import Membership, Project


def lock_project(project_id: int) -> Project:
    """Lock a project against other changes.

    Raises:
        NotFound: it was deleted in the meantime.
    """
    project: Project | None = (
        Project.objects.select_for_update(no_key=True).filter(pk=project_id, deleted_at=None).first()
    )
    if project is None:
        raise NotFound(f"There is no project {project_id}.")
    return project


def lock_members(project_id: int) -> list[Membership]:
    """Lock a project and its memberships, so that only one change of members is decided at a time."""
    lock_project(project_id)
    members = Membership.objects.select_for_update(of=("self",)).select_related("user")
    return list(members.filter(project_id=project_id).order_by("pk"))
