"""Kept exports in the admin panel: who took what out of which project, and until when its file is there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString

from apps.accounts.requests import caller
from apps.core.admin_panel.confirming import confirmed
from apps.core.admin_panel.filters import ProjectFilter
from apps.core.admin_panel.formatting import formatted_json
from apps.core.admin_panel.scoped import ScopedAdmin
from apps.core.errors import NotFound
from apps.exports.formats import CATALOGUE
from apps.exports.keeping import delete_export
from apps.exports.models import Export
from apps.exports.upkeep import expire_export


class FormatFilter(admin.SimpleListFilter):
    """The formats of the catalogue: asking the table for its formats would read all of it."""

    title = "format"
    parameter_name = "format"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return every format by its title."""
        return [(entry.name, entry.title) for entry in CATALOGUE.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the exports in the chosen format."""
        return queryset.filter(format=self.value()) if self.value() else queryset


@admin.register(Export)
class ExportAdmin(ScopedAdmin[Export]):
    """Exports, newest first."""

    list_display = (
        "__str__", "format", "project", "state", "task_count", "file_size", "created_by", "created_at", "expires_at",
    )  # fmt: skip
    list_select_related = ("project", "created_by", "job")
    list_filter = (FormatFilter, ProjectFilter)
    list_defer = ("options", "error")
    search_fields = ("title",)
    search_help_text = "Title or id"
    finds_by_id = True
    sortable_by = ()
    ordering = ("-id",)
    fields = (
        "id", "title", "project", "format", "options_json", "state", "why_failed", "task_count", "problem_count",
        "file_size", "md5", "filename", "snapshot", "job", "created_by", "created_at", "finished_at", "expires_at",
    )  # fmt: skip
    readonly_fields = ("options_json", "state", "why_failed", "file_size")
    actions = ("expire_exports", "delete_exports")

    @admin.display(description="size", empty_value="–")
    def file_size(self, row: Export) -> str | None:
        """Of its file, for people."""
        return None if row.size is None else filesizeformat(row.size)

    @admin.display(description="options")
    def options_json(self, row: Export) -> SafeString:
        """What was asked for."""
        return formatted_json(row.options)

    @admin.action(description="Expire…")
    @confirmed(
        question="Delete the files of {rows} now, and let their links end? The history stays.",
        button="Expire exports",
    )
    def expire_exports(self, request: HttpRequest, rows: Sequence[Export]) -> str:
        """Delete files before their time."""
        for row in rows:
            expire_export(row=row, expired_by=caller(request))
        return "The files of {rows} are gone."

    @admin.action(description="Delete…")
    @confirmed(
        question="Delete {rows} with their files and conversions? What is being made is stopped.",
        button="Delete exports",
    )
    def delete_exports(self, request: HttpRequest, rows: Sequence[Export]) -> str:
        """Delete exports, or stop them."""
        for row in rows:
            with suppress(NotFound):  # it went with the one it was converted from
                delete_export(row=row, deleted_by=caller(request))
        return "Deleted {rows}."
