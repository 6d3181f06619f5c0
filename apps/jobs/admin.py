"""Jobs in Django's admin, to look at only: they are cancelled and retried on their own page."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from apps.jobs.models import Job, Worker


class LookOnly:
    """An admin that shows rows and changes none."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Rows are changed by services and runs."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Rows are the record of work."""
        return False


@admin.register(Job)
class JobAdmin(LookOnly, admin.ModelAdmin[Job]):
    """Jobs, newest first."""

    list_display = (
        "id",
        "kind",
        "status",
        "project_id",
        "created_by_id",
        "attempts",
        "created_at",
        "finished_at",
    )
    list_filter = ("status", "kind")
    show_full_result_count = False


@admin.register(Worker)
class WorkerAdmin(LookOnly, admin.ModelAdmin[Worker]):
    """Workers and when they were last heard from."""

    list_display = ("hostname", "started_at", "last_seen")
