"""Projects as a person sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, FilteredRelation, Q, Value
from django.db.models.functions import Now

from apps.projects.policy import Action, Role, roles_that_may

if TYPE_CHECKING:
    from apps.accounts.models import User


class ProjectQuerySet(models.QuerySet[Any]):
    """Projects, scoped to the person who asks."""

    def for_user(self, user: User) -> ProjectQuerySet:
        """Projects `user` may see, each with `my_role`; administrators act as owners everywhere."""
        present: ProjectQuerySet = self.filter(deleted_at=None)
        if user.is_administrator:
            everywhere: ProjectQuerySet = present.annotate(my_role=Value(Role.OWNER.value))
            return everywhere
        mine = FilteredRelation("memberships", condition=Q(memberships__user=user))
        joined: ProjectQuerySet = present.annotate(mine=mine).filter(mine__isnull=False)
        with_role: ProjectQuerySet = joined.annotate(my_role=F("mine__role"))
        return with_role

    def where_allowed(self, action: Action) -> ProjectQuerySet:
        """Projects in which the person of `for_user` may do `action`; to be called after it."""
        return self.filter(my_role__in=roles_that_may(action))

    def matching(self, text: str) -> ProjectQuerySet:
        """Projects whose title or description holds `text`."""
        return self.filter(Q(title__icontains=text) | Q(description__icontains=text)) if text else self

    def archived(self, wanted: bool = True) -> ProjectQuerySet:
        """Archived projects, or all others."""
        return self.filter(archived_at__isnull=not wanted)

    def newest_first(self) -> ProjectQuerySet:
        """The order of project lists."""
        return self.order_by("-created_at", "-pk")


class ConfigVersionQuerySet(models.QuerySet[Any]):
    """Versions of labeling configs, scoped to the person who asks."""

    def for_user(self, user: User) -> ConfigVersionQuerySet:
        """Versions of the projects `user` belongs to; all for administrators."""
        present = self.filter(project__deleted_at=None)
        return present if user.is_administrator else present.filter(project__memberships__user=user)


class InvitationQuerySet(models.QuerySet[Any]):
    """Invitations, scoped to the person who asks."""

    def for_user(self, user: User) -> InvitationQuerySet:
        """Invitations to projects whose members `user` may change; all for administrators."""
        if user.is_administrator:
            return self
        changing = roles_that_may(Action.CHANGE_MEMBERS)
        return self.filter(
            project__deleted_at=None, project__memberships__user=user, project__memberships__role__in=changing
        )

    def usable(self) -> InvitationQuerySet:
        """Invitations that neither ran out nor were revoked or used up."""
        return self.filter(revoked_at=None, expires_at__gt=Now(), uses__lt=F("max_uses"))


class MembershipQuerySet(models.QuerySet[Any]):
    """Memberships, scoped to the person who asks."""

    def matching(self, text: str) -> MembershipQuerySet:
        """Members whose name or address holds `text`."""
        text = text.replace("\x00", "").strip()
        named = Q(user__first_name__icontains=text) | Q(user__last_name__icontains=text)
        return self.filter(named | Q(user__email__icontains=text)) if text else self

    def for_user(self, user: User) -> MembershipQuerySet:
        """Memberships of the projects `user` belongs to; all for administrators."""
        present = self.filter(project__deleted_at=None)
        return present if user.is_administrator else present.filter(project__memberships__user=user)
