"""Completions in the admin panel, to look at: they are changed where one sees what they say."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.completions.models import Completion
from apps.core.admin_panel.filters import ProjectFilter
from apps.core.admin_panel.formatting import formatted_json
from apps.core.admin_panel.scoped import ScopedAdmin
from apps.projects.admin_totals import total_from_tallies


@admin.register(Completion)
class CompletionAdmin(ScopedAdmin[Completion]):
    """Completions, newest first."""

    list_display = (
        "id",
        "task_id",
        "project",
        "completed_by",
        "was_cancelled",
        "ground_truth",
        "lead_time",
        "created_at",
    )
    list_select_related = ("project", "completed_by")
    list_filter = ("was_cancelled", "ground_truth", ProjectFilter)
    list_defer = ("result",)
    search_fields = ("^completed_by__email",)
    search_help_text = "Completion id, or beginning of an e-mail"
    finds_by_id = True
    sortable_by = ("id",)
    ordering = ("-id",)
    fields = (
        "id", "task", "project", "completed_by", "updated_by", "was_cancelled", "ground_truth", "lead_time",
        "result_json", "client_id", "parent_prediction", "parent_completion", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("result_json",)

    def known_total(self, request: HttpRequest) -> int | None:
        """How many completions and skips the projects have."""
        return total_from_tallies(request, lambda totals: totals.completions + totals.skips)

    @admin.display(description="result")
    def result_json(self, completion: Completion) -> SafeString:
        """Exactly what the editor serialized."""
        return formatted_json(completion.result)
