"""Jobs and workers in the admin panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from apps.core.admin_panel.confirming import confirmed
from apps.core.admin_panel.filters import ProjectFilter
from apps.core.admin_panel.formatting import formatted_json
from apps.core.admin_panel.scoped import ScopedAdmin
from apps.jobs.kinds import kind_choices
from apps.jobs.models import Job, Worker
from apps.jobs.services import cancel, retry

if TYPE_CHECKING:
    from apps.accounts.models import User


class KindFilter(admin.SimpleListFilter):
    """The kinds that are declared: asking the table for its kinds would read all of it."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return every kind by its title."""
        return kind_choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the jobs of the chosen kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(ScopedAdmin[Job]):
    """Jobs, newest first; those the person may see, they may also cancel and retry."""

    project_path = ""
    list_display = (
        "title",
        "status",
        "percent",
        "project",
        "created_by",
        "attempts",
        "created_at",
        "finished_at",
    )
    list_select_related = ("project", "created_by")
    list_filter = ("status", KindFilter, ProjectFilter)
    list_defer = ("payload", "result")
    sortable_by = ()
    ordering = ("-id",)
    fields = (
        "id", "title", "status", "project", "created_by", "progress", "total", "message", "error", "attempts",
        "worker", "created_at", "started_at", "finished_at", "payload_json", "result_json",
    )  # fmt: skip
    readonly_fields = ("title", "payload_json", "result_json")
    actions = ("cancel_jobs", "retry_jobs")

    def view_on_site(self, job: Job) -> str:
        """The job's own page."""
        return reverse("web:job", args=[job.pk])

    @admin.display(description="payload")
    def payload_json(self, job: Job) -> SafeString:
        """What it was given."""
        return formatted_json(job.payload)

    @admin.display(description="result")
    def result_json(self, job: Job) -> SafeString:
        """What came of it."""
        return formatted_json(job.result)

    @admin.action(description="Cancel…")
    @confirmed(
        question="Cancel {rows}? What runs stops at its next step.",
        button="Cancel jobs",
    )
    def cancel_jobs(self, request: HttpRequest, jobs: Sequence[Job]) -> str:
        """Cancel jobs that are queued or running."""
        for job in jobs:
            cancel(job=job, cancelled_by=cast("User", request.user))
        return "Cancelled {rows}; what runs stops at its next step."

    @admin.action(description="Retry…")
    @confirmed(question="Run {rows} again, from the start?", button="Retry jobs")
    def retry_jobs(self, request: HttpRequest, jobs: Sequence[Job]) -> str:
        """Queue failed or cancelled jobs again."""
        for job in jobs:
            retry(job=job, retried_by=cast("User", request.user))
        return "Queued {rows} again."


@admin.register(Worker)
class WorkerAdmin(ScopedAdmin[Worker]):
    """Workers and when they were last heard from; for administrators."""

    project_path = ""
    list_display = ("hostname", "started_at", "last_seen")

    def has_view_permission(self, request: HttpRequest, obj: Worker | None = None) -> bool:
        """Workers belong to the instance, not to a project."""
        return self.has_administer_permission(request)

    def rows_for(self, user: Any) -> QuerySet[Worker]:
        """All for administrators."""
        return Worker.objects.all() if user.is_administrator else Worker.objects.none()
