"""The audit log: one row an act, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now

from apps.audit.actions import AuditAction

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from apps.accounts.models import User

# The project roles that read a project's log; a test compares them with the policy, which stands floors above.
READING_ROLES = ("owner", "manager")


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries, scoped to the person who asks."""

    def for_user(self, user: User | AnonymousUser) -> EntryQuerySet:
        """All for administrators, else those of the projects `user` manages."""
        if user.is_anonymous:
            return self.none()
        if user.is_administrator:
            return self
        managed = user.memberships.filter(role__in=READING_ROLES).values("project_id")
        return self.filter(project_id__in=managed)

    def newest_first(self) -> EntryQuerySet:
        """The order of the log's pages."""
        return self.order_by("-pk")


class Entry(models.Model):
    """One act: who, what, to which object, from where; `before` and `after` hold what changed.

    Names are kept beside the ids, and the project is no foreign key: the log outlives what it tells of.
    """

    at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    actor_name = models.CharField(max_length=254)
    action = models.CharField(max_length=32, choices=AuditAction.choices)
    project_id = models.BigIntegerField(null=True)
    target_kind = models.CharField(max_length=32, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    target_name = models.CharField(max_length=255, blank=True)
    before: models.JSONField[Any, Any] = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after: models.JSONField[Any, Any] = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=32, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["project_id", "-id"], name="audit_of_project"),
            models.Index(fields=["actor", "-id"], name="audit_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.get_action_display()} {self.target_name}".strip()
