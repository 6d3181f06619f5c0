"""Predictions in the admin panel, to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.core.admin_panel.filters import ProjectFilter
from apps.core.admin_panel.formatting import formatted_json
from apps.core.admin_panel.scoped import ScopedAdmin
from apps.predictions.models import Prediction
from apps.projects.admin_totals import total_from_tallies


@admin.register(Prediction)
class PredictionAdmin(ScopedAdmin[Prediction]):
    """Predictions, newest first."""

    list_display = ("id", "task_id", "project", "model_version", "score", "created_at")
    list_select_related = ("project",)
    list_filter = (ProjectFilter,)
    list_defer = ("result", "neighbors")
    search_fields = ("model_version",)
    search_help_text = "Prediction id, or model version"
    finds_by_id = True
    sortable_by = ("id",)
    ordering = ("-id",)
    fields = (
        "id", "task", "project", "model_version", "score", "cluster", "mislabeling", "result_json",
        "neighbors_json", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("result_json", "neighbors_json")

    def known_total(self, request: HttpRequest) -> int | None:
        """How many predictions the projects have."""
        return total_from_tallies(request, lambda totals: totals.predictions)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find predictions by id, or by the whole name of their version, which has an index."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        text = search_term.strip()
        return (
            (found, duplicates)
            if not text or text.isdecimal()
            else (queryset.filter(model_version=text), False)
        )

    @admin.display(description="result")
    def result_json(self, prediction: Prediction) -> SafeString:
        """What the model answered."""
        return formatted_json(prediction.result)

    @admin.display(description="neighbors")
    def neighbors_json(self, prediction: Prediction) -> SafeString:
        """Tasks that the model found similar."""
        return formatted_json(prediction.neighbors)
