"""Models and what belongs to them, as a person sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from apps.accounts.models import User


class OfProjectQuerySet(models.QuerySet[Any]):
    """Rows that have a `project`, scoped to the person who asks."""

    def for_user(self, user: User) -> OfProjectQuerySet:
        """Rows of the projects `user` belongs to; all for administrators."""
        present = self.filter(project__deleted_at=None)
        return present if user.is_administrator else present.filter(project__memberships__user=user)
