"""Saved tabs and runs of actions as a person sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from apps.projects.policy import Action, roles_that_may

if TYPE_CHECKING:
    from apps.accounts.models import User


class ViewQuerySet(models.QuerySet[Any]):
    """Saved tabs, scoped to the person who asks."""

    def for_user(self, user: User) -> ViewQuerySet:
        """One's own tabs and the shared ones, in the projects one belongs to; administrators belong to all."""
        present = self.filter(project__deleted_at=None).filter(Q(is_shared=True) | Q(user=user))
        return present if user.is_administrator else present.filter(project__memberships__user=user)


class ActionRunQuerySet(models.QuerySet[Any]):
    """Runs of actions, scoped to the person who asks."""

    def for_user(self, user: User) -> ActionRunQuerySet:
        """One's own runs in the projects one belongs to, and all runs in those one manages."""
        present = self.filter(project__deleted_at=None)
        if user.is_administrator:
            return present
        managed = user.memberships.filter(role__in=roles_that_may(Action.CHANGE_TASKS)).values("project_id")
        joined = user.memberships.values("project_id")
        return present.filter(Q(project_id__in=managed) | Q(user=user, project_id__in=joined))
