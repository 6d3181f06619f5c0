"""ML backends, their runs and trainings in the admin panel, to look at; secrets are no part of it."""

from __future__ import annotations

from typing import TypeVar

from django.contrib import admin
from django.utils.safestring import SafeString

from apps.core.admin_panel.filters import ProjectFilter
from apps.core.admin_panel.formatting import formatted_json
from apps.core.admin_panel.scoped import ScopedAdmin
from apps.ml.models import BackendFailure, MLBackend, PredictionRun, Training
from apps.ml.serializers import failure_document

Work = TypeVar("Work", PredictionRun, Training)


@admin.register(MLBackend)
class MLBackendAdmin(ScopedAdmin[MLBackend]):
    """ML backends, newest first, with what went wrong lately."""

    list_display = (
        "title",
        "url",
        "project",
        "state",
        "model_version",
        "latency_ms",
        "checked_at",
        "retry_at",
    )
    list_select_related = ("project",)
    list_filter = ("state", ProjectFilter)
    list_defer = ("extra_params", "error_message")
    search_fields = ("title", "url")
    search_help_text = "Title or address"
    finds_by_id = True
    is_audited = True
    sortable_by = ()
    ordering = ("-id",)
    fields = (
        "id", "project", "title", "description", "url", "auth_method", "auth_name", "is_interactive", "state",
        "error_message", "protocol", "model_class", "model_version", "latency_ms", "checked_at", "failures_in_row",
        "retry_at", "failures", "batch_size", "concurrency", "predict_seconds", "train_after_completions",
        "auto_update", "created_by", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = ("failures",)

    @admin.display(description="last failures")
    def failures(self, backend: MLBackend) -> SafeString:
        """What went wrong, the newest first."""
        rows = BackendFailure.objects.filter(backend=backend).order_by("-pk")
        return formatted_json([failure_document(row) for row in rows])


class WorkOfBackendAdmin(ScopedAdmin[Work]):
    """What backends were asked to do, newest first."""

    list_select_related = ("backend", "project")
    sortable_by = ()
    ordering = ("-id",)


@admin.register(PredictionRun)
class PredictionRunAdmin(WorkOfBackendAdmin[PredictionRun]):
    """Prediction runs."""

    list_display = (
        "id", "backend", "project", "trigger", "model_version", "total", "predicted", "failed", "created_at",
    )  # fmt: skip
    list_filter = ("trigger", ProjectFilter)
    fields = (
        "id", "backend", "project", "job", "trigger", "chosen_json", "model_version", "total", "predicted", "failed",
        "created_by", "created_at",
    )  # fmt: skip
    readonly_fields = ("chosen_json",)

    @admin.display(description="chosen tasks")
    def chosen_json(self, run: PredictionRun) -> SafeString:
        """Which tasks it is about."""
        return formatted_json(run.chosen)


@admin.register(Training)
class TrainingAdmin(WorkOfBackendAdmin[Training]):
    """Trainings."""

    list_display = (
        "id", "backend", "project", "status", "trigger", "completions", "version_after", "created_at", "finished_at",
    )  # fmt: skip
    list_filter = ("status", ProjectFilter)
    list_defer = ("log",)
    fields = (
        "id", "backend", "project", "job", "trigger", "status", "completions", "remote_job", "version_before",
        "version_after", "error", "log", "created_by", "created_at", "started_at", "finished_at",
    )  # fmt: skip
