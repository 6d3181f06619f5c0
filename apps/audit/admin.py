"""The audit log in the admin panel, to read only."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.audit.models import Entry
from apps.core.admin_panel.filters import ProjectFilter
from apps.core.admin_panel.formatting import formatted_json
from apps.core.admin_panel.scoped import ScopedAdmin


@admin.register(Entry)
class EntryAdmin(ScopedAdmin[Entry]):
    """Who did what, newest first."""

    project_path = ""
    list_display = ("at", "actor_name", "action", "target", "project_id", "address")
    list_filter = ("action", ProjectFilter)
    search_fields = ("actor_name", "target_name")
    search_help_text = "Person or object"
    sortable_by = ("at",)
    list_defer = ("before", "after")
    fields = (
        "at", "actor_name", "action", "target", "project_id", "before_change", "after_change", "address",
        "request_id",
    )  # fmt: skip
    readonly_fields = ("target", "before_change", "after_change")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow what the history buttons of other rows ask as well."""
        return lookup in ("target_kind", "target_id") or super().lookup_allowed(lookup, value, request)

    @admin.display(description="object")
    def target(self, entry: Entry) -> str:
        """What it was done to."""
        return f"{entry.target_kind} {entry.target_name or entry.target_id}".strip()

    @admin.display(description="before")
    def before_change(self, entry: Entry) -> SafeString:
        """The values that were replaced."""
        return formatted_json(entry.before)

    @admin.display(description="after")
    def after_change(self, entry: Entry) -> SafeString:
        """The values they were replaced by."""
        return formatted_json(entry.after)
