"""Completions as a person sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from apps.projects.policy import Action, roles_that_may

if TYPE_CHECKING:
    from apps.accounts.models import User


class CompletionQuerySet(models.QuerySet[Any]):
    """Completions, scoped to the person who asks."""

    def for_user(self, user: User) -> CompletionQuerySet:
        """One's own completions, and everybody's in projects where one's role shows them."""
        present = self.filter(project__deleted_at=None)
        if user.is_administrator:
            return present
        seeing_roles = roles_that_may(Action.VIEW_ALL_COMPLETIONS)
        member = Q(project__memberships__user=user)
        seeing = Q(project__memberships__role__in=seeing_roles) | Q(completed_by=user)
        return present.filter(member & seeing)
