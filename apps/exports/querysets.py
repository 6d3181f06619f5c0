"""Exports as a person sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from apps.jobs.models import Job, JobStatus
from apps.jobs.timing import job_timing
from apps.projects.policy import Action, roles_that_may

if TYPE_CHECKING:
    from apps.accounts.models import User


class ExportQuerySet(models.QuerySet[Any]):
    """Exports, scoped to the person who asks."""

    def for_user(self, user: User) -> ExportQuerySet:
        """Exports of the projects from which `user` may export."""
        present = self.filter(project__deleted_at=None)
        if user.is_administrator:
            return present
        return present.filter(
            project__memberships__user=user, project__memberships__role__in=roles_that_may(Action.EXPORT)
        )

    def snapshots(self) -> ExportQuerySet:
        """Those that were read from the project; the others were converted from them."""
        return self.filter(snapshot=None)

    def expired(self) -> ExportQuerySet:
        """Those whose file is over its time and still there."""
        return self.filter(expires_at__lt=Now()).exclude(file="")


class ExportPartQuerySet(models.QuerySet[Any]):
    """Parts of exports."""

    def unfinished(self) -> ExportPartQuerySet:
        """Those without a file."""
        return self.filter(file="")

    def being_written(self) -> ExportPartQuerySet:
        """Unfinished ones whose taker is alive: its job runs, for the time it ran then, and was heard from."""
        return self.unfinished().filter(Exists(_living_taker()))

    def free(self) -> ExportPartQuerySet:
        """Unfinished ones that nobody writes, in the order of the file."""
        nobody = Q(taken_by=None) | ~Exists(_living_taker())
        return self.unfinished().filter(nobody).order_by("number")


def _living_taker() -> models.QuerySet[Job]:
    return Job.objects.filter(
        pk=OuterRef("taken_by"), attempts=OuterRef("taken_attempt"), status=JobStatus.RUNNING,
        heartbeat_at__gte=Now() - job_timing().stale,
    )  # fmt: skip
