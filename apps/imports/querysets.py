"""Uploads and imports as a person sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from apps.projects.policy import Action, roles_that_may

if TYPE_CHECKING:
    from apps.accounts.models import User


class UploadQuerySet(models.QuerySet[Any]):
    """Uploads, scoped to the person who asks."""

    def for_user(self, user: User) -> UploadQuerySet:
        """Uploads of the projects `user` belongs to: who sees the tasks sees what they show."""
        present = self.filter(project__deleted_at=None)
        return present if user.is_administrator else present.filter(project__memberships__user=user)

    def complete(self) -> UploadQuerySet:
        """Those that have arrived as a whole."""
        return self.exclude(file="")


class ImportQuerySet(models.QuerySet[Any]):
    """Imports, scoped to the person who asks."""

    def for_user(self, user: User) -> ImportQuerySet:
        """Imports of the projects into which `user` may import."""
        present = self.filter(project__deleted_at=None)
        if user.is_administrator:
            return present
        return present.filter(
            project__memberships__user=user, project__memberships__role__in=roles_that_may(Action.IMPORT)
        )
