"""What is read of projects beside the rows themselves: roles, totals and members."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import cache

from django.db.models import Case, Count, IntegerField, Value, When

from apps.accounts.models import GlobalRole, User
from apps.core.compiled_queries import CompiledQuery, number
from apps.core.errors import NotFound
from apps.core.prepared import Prepared
from apps.projects.models import Membership, Project
from apps.projects.policy import Action, Role, require
from apps.projects.querysets import MembershipQuerySet


@dataclass(frozen=True, slots=True)
class Totals:
    """A project's running totals."""

    tasks: int = 0
    labeled_tasks: int = 0
    tasks_with_completions: int = 0
    completions: int = 0
    skips: int = 0
    ground_truths: int = 0
    predictions: int = 0

    @property
    def percent_labeled(self) -> int:
        """Labeled tasks of all tasks, in whole percent; 100 only when nothing is left."""
        return self.labeled_tasks * 100 // self.tasks if self.tasks else 0

    @property
    def tasks_left(self) -> int:
        """Tasks that still need completions."""
        return self.tasks - self.labeled_tasks


TALLY_NAMES = tuple(field.name for field in fields(Totals))

_TOTALS = Prepared(
    "totals",
    f"SELECT project_id, {', '.join(f'sum({name})' for name in TALLY_NAMES)} FROM projects_projecttally"  # noqa: S608
    " WHERE project_id = ANY (%(projects)s::bigint[]) GROUP BY project_id",
)


def totals_of(project_ids: Collection[int]) -> dict[int, Totals]:
    """Return the totals of each given project, by id, in one query."""
    rows = _TOTALS.rows(projects=list(project_ids))
    found = {project_id: Totals(*map(int, counts)) for project_id, *counts in rows}
    return {project_id: found.get(project_id, Totals()) for project_id in project_ids}


def member_counts(project_ids: Collection[int]) -> dict[int, int]:
    """Return how many members each given project has, in one query."""
    rows = (
        Membership.objects.filter(project_id__in=project_ids)
        .values_list("project_id")
        .annotate(n=Count("pk"))
    )
    found = dict(rows)
    return {project_id: found.get(project_id, 0) for project_id in project_ids}


@cache
def _visible_project(user_role: str) -> CompiledQuery[Project]:
    """Return the query of a project as somebody with a global role may see it; every request asks it."""
    user = User(pk=number("user"), role=user_role)
    return CompiledQuery("project", Project.objects.for_user(user).filter(pk=number("project")))


def visible_project() -> CompiledQuery[Project]:
    """Return the query of a `project` as a `user` who is no administrator may see it, with `my_role` on it."""
    return _visible_project(GlobalRole.MEMBER)


@cache
def _visible_role(user_role: str) -> CompiledQuery[Project]:
    user = User(pk=number("user"), role=user_role)
    visible = Project.objects.for_user(user).filter(pk=number("project"))
    return CompiledQuery("role", visible.only("pk"))


def role_in(user: User, project_id: int) -> str | None:
    """Return the role of `user` in a project; None when they may not know that it exists."""
    project = _visible_role(user.role).first(user=user.pk, project=project_id)
    return None if project is None else project.my_role


def project_for(user: User, project_id: int, action: Action, *, found: Project | None = None) -> Project:
    """Return a project in which `user` may do `action`, with `my_role` on it.

    Args:
        found: the project as `user` sees it, if it was read a moment ago.

    Raises:
        NotFound: the user may not know of it.
        NotAllowed: their role does not allow the action.
    """
    project = found or _visible_project(user.role).first(user=user.pk, project=project_id)
    if project is None:
        raise NotFound(f"There is no project {project_id}, or you are not a member of it.")
    require(project.my_role, action)
    return project


def members_of(project: Project) -> MembershipQuerySet:
    """Return the memberships of a project with their people, owners first."""
    ranks = [When(role=role, then=Value(rank)) for rank, role in enumerate(Role)]
    members = Membership.objects.filter(project=project).select_related("user")
    return members.order_by(Case(*ranks, output_field=IntegerField()), "user__email")
