"""The same people in every test: what each role may do is asked of them."""

from __future__ import annotations

from dataclasses import dataclass, fields

from apps.accounts.models import GlobalRole, User
from apps.projects.models import Project
from apps.projects.policy import Role
from tests.factories import make_member, make_project, make_user


@dataclass(frozen=True)
class Cast:
    """A project, its members, and people outside it."""

    project: Project
    owner: User
    manager: User
    reviewer: User
    annotator: User
    viewer: User
    stranger: User
    administrator: User

    def people(self) -> dict[str, User]:
        """Return everybody by the word for them."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "project"}


def make_cast(*, tasks: int = 3) -> Cast:
    """Return a project with `tasks` tasks and one person of each role."""
    owner = make_user("owner@example.com", role=GlobalRole.MANAGER)
    project = make_project(owner, tasks=tasks)
    return Cast(
        project=project,
        owner=owner,
        manager=make_member(project, Role.MANAGER, "manager@example.com"),
        reviewer=make_member(project, Role.REVIEWER, "reviewer@example.com"),
        annotator=make_member(project, Role.ANNOTATOR, "annotator@example.com"),
        viewer=make_member(project, Role.VIEWER, "viewer@example.com"),
        stranger=make_user("stranger@example.com", role=GlobalRole.MANAGER),
        administrator=make_user("administrator@example.com", role=GlobalRole.ADMINISTRATOR),
    )
