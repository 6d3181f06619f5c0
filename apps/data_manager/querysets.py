"""Saved tabs as a person sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from apps.accounts.models import User


class ViewQuerySet(models.QuerySet[Any]):
    """Saved tabs, scoped to the person who asks."""

    def for_user(self, user: User) -> ViewQuerySet:
        """One's own tabs and the shared ones, in the projects one belongs to; administrators belong to all."""
        present = self.filter(project__deleted_at=None).filter(Q(is_shared=True) | Q(user=user))
        return present if user.is_administrator else present.filter(project__memberships__user=user)
