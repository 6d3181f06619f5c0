"""Completions, their earlier versions and drafts as a person sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from apps.projects.policy import Action, roles_that_may

if TYPE_CHECKING:
    from apps.accounts.models import User


def _shown_to(user: User, project: str) -> Q:
    """Return what `user` sees of completions: their own, and everybody's where the role or the project shows them.

    Args:
        project: the path to the project.
    """
    present = Q(**{f"{project}__deleted_at": None})
    if user.is_administrator:
        return present
    member = Q(**{f"{project}__memberships__user": user})
    seeing = (
        Q(completed_by=user)
        | Q(**{f"{project}__memberships__role__in": roles_that_may(Action.VIEW_ALL_COMPLETIONS)})
        | Q(**{f"{project}__show_completions_to_annotators": True})
    )
    return present & member & seeing


class CompletionQuerySet(models.QuerySet[Any]):
    """Completions, scoped to the person who asks."""

    def for_user(self, user: User) -> CompletionQuerySet:
        """One's own completions, and everybody's in projects where one's role, or the project, shows them."""
        return self.filter(_shown_to(user, "project"))


class RevisionQuerySet(models.QuerySet[Any]):
    """Earlier versions of completions, scoped to the person who asks."""

    def for_user(self, user: User) -> RevisionQuerySet:
        """Versions of completions that `user` may see."""
        return self.filter(_shown_to(user, "task__project"))


class DraftQuerySet(models.QuerySet[Any]):
    """Drafts, scoped to the person who asks."""

    def for_user(self, user: User) -> DraftQuerySet:
        """One's own drafts, in projects one still belongs to; not even administrators see those of others."""
        own = self.filter(user=user, task__project__deleted_at=None)
        return own if user.is_administrator else own.filter(task__project__memberships__user=user)
