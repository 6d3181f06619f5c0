"""Saved tabs of the data manager."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.data_manager.querysets import ViewQuerySet
from apps.projects.models import Project


class View(models.Model):
    """A saved tab: which tasks of a project, in which order, shown how; for everybody in it or for one person.

    `data` is the document of the client: title, type, filters, ordering and whatever else it keeps there.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="views", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Whose it is.",
    )
    is_shared = models.BooleanField(default=False, help_text="Everybody in the project sees it.")
    data = models.JSONField(default=dict)
    order = models.PositiveIntegerField(default=0, help_text="Its place among the tabs, from 0.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ViewQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["project", "order"], name="view_of_project")]

    def __str__(self) -> str:
        return self.title or f"Tab {self.pk}"

    @property
    def title(self) -> str:
        """What the tab is called."""
        return str(self.data.get("title") or "")
