"""Comments and mentions as a person sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from apps.completions.models import Completion, CompletionAction, Revision
from apps.projects.policy import Action, roles_that_may

if TYPE_CHECKING:
    from apps.accounts.models import User


class CommentQuerySet(models.QuerySet[Any]):
    """Comments, scoped to the person who asks."""

    def for_user(self, user: User) -> CommentQuerySet:
        """Comments on tasks that `user` may see.

        Where they may not see other people's completions, what is said of those is left out, too; what they wrote
        themselves stays.
        """
        present = self.filter(project__deleted_at=None)
        if user.is_administrator:
            return present
        member = Q(project__memberships__user=user)
        seeing_all = Q(project__memberships__role__in=roles_that_may(Action.VIEW_ALL_COMPLETIONS)) | Q(
            project__show_completions_to_annotators=True
        )
        own = Q(completion_id=None) | Q(author=user) | _on_completion_of(user)
        # In one filter: two would join the memberships twice, and return a comment once for each member.
        return present.filter(member & (seeing_all | own))

    def unresolved(self) -> CommentQuerySet:
        """Those that wait for somebody."""
        return self.filter(resolved_at=None)


def _on_completion_of(user: User) -> Q:
    """Return what is true of comments on a completion of `user`, also of one that was deleted since."""
    own = Completion.objects.filter(pk=OuterRef("completion_id"), completed_by=user)
    deleted = Revision.objects.filter(
        completion_id=OuterRef("completion_id"), completed_by=user, action=CompletionAction.DELETED
    )
    return Q(Exists(own)) | Q(Exists(deleted))


class MentionQuerySet(models.QuerySet[Any]):
    """Mentions, scoped to the person who asks."""

    def for_user(self, user: User) -> MentionQuerySet:
        """Mentions of `user`, in projects they still belong to; not even administrators see those of others."""
        own = self.filter(user=user, comment__project__deleted_at=None)
        return own if user.is_administrator else own.filter(comment__project__memberships__user=user)

    def unread(self) -> MentionQuerySet:
        """Those that their person has not read."""
        return self.filter(read_at=None)
