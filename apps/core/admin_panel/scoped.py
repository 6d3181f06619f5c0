"""The class that every part of the admin panel extends: one sees the rows of one's own projects and changes nothing.

What may be changed is opened by each subclass, which asks the policy and writes through services.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import ForeignKey, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from apps.core.admin_panel.paging import UncountedPaginator
from apps.core.errors import ProductError

if TYPE_CHECKING:  # the theme's classes come without types
    from django.contrib.admin import ModelAdmin
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.admin import ModelAdmin
    from unfold.views import ChangeList

Row = TypeVar("Row", bound=Model)


class ScopedChangeList(ChangeList):
    """A list that can be ordered only by the columns that say so, and that tells no number of results."""

    def get_results(self, request: HttpRequest) -> None:
        """Read a page; the theme shows a number of results only where it differs from that of all rows."""
        super().get_results(request)
        self.full_result_count = self.result_count

    def get_ordering_field(self, field_name: Any) -> Any:
        """Return the column to order by; None for one whose order no index has."""
        if self.sortable_by is not None and field_name not in self.sortable_by:
            return None
        return super().get_ordering_field(field_name)


class ScopedAdmin(ModelAdmin[Row]):
    """Shows the rows of the projects the person manages; administrators see all."""

    project_path = "project"
    """From a row to its project, as a lookup; empty where `rows_for` alone decides."""
    list_defer: tuple[str, ...] = ()
    """Large columns that the list does not read."""
    finds_by_id = False
    """Whether a number in the search box is a row's id."""
    is_audited = False
    """Whether the audit log tells of these rows."""

    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # each facet would be one more count
    list_disable_select_all = True

    # --- Rows ---------------------------------------------------------------------------------

    def rows_for(self, user: Any) -> QuerySet[Row]:
        """Return the rows that `user` may see anywhere in the product."""
        rows: QuerySet[Row] = self.model._default_manager.for_user(user)  # type: ignore[attr-defined]
        return rows

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        """Return the rows of the panel: of those the person may see, the ones of projects they manage."""
        user: Any = request.user
        rows = self.rows_for(user)
        if self.project_path and not user.is_administrator:
            rows = rows.filter(**{f"{self.project_path}__in": user.managed_project_ids})
        return rows.order_by(*(self.get_ordering(request) or ("-pk",))).defer(*self.list_defer)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Row:
        """Return one row with all its columns.

        Raises:
            Http404: there is none, or none that the person may see.
        """
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404(f"There is no {self.opts.verbose_name} {object_id}.")
        if self.list_defer:
            found.refresh_from_db(fields=list(self.list_defer))
        return found

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """Offer, as what a row may point to, only rows that the panel shows."""
        related = self.admin_site._registry.get(db_field.remote_field.model)
        if isinstance(db_field, ForeignKey) and related is not None:
            return related.get_queryset(request)
        return super().get_field_queryset(db, db_field, request)

    # --- Permissions --------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the panel's menu shows these rows."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Whoever gets into the panel looks at what `get_queryset` leaves them."""
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from the product's pages, API and jobs."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Nothing, until a subclass opens it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Rows go by actions, which call the services: deleting here would leave counters wrong."""
        return False

    def has_administer_permission(self, request: HttpRequest) -> bool:
        """For actions that are the administrators' alone."""
        return bool(getattr(request.user, "is_administrator", False))

    # --- The list -----------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        """Return the class of the list."""
        return ScopedChangeList

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[Row], per_page: int, *args: Any, **options: Any
    ) -> UncountedPaginator:
        """Return pages that are never counted."""
        total = self.known_total(request)
        return UncountedPaginator(queryset, per_page, *args, total=total, **options)

    def known_total(self, request: HttpRequest) -> int | None:
        """Return how many rows the list has, where something knows it without counting."""
        return None

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow only what the list's own filters ask: others would let people guess at columns not shown to them."""
        filters = self.list_filter if request is None else self.get_list_filter(request)
        names = {getattr(entry, "parameter_name", entry) for entry in filters}
        return lookup.split("__")[0] in names

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Look for a row's id where a number was typed, else into the search fields."""
        text = search_term.strip()
        if self.finds_by_id and text.isdecimal() and text.isascii():
            return queryset.filter(pk=int(text)), False
        return super().get_search_results(request, queryset, search_term)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *location: Any
    ) -> HttpResponse | None:
        """Run an action.

        Raises:
            BadRequest: something that is no id is selected.
        """
        for selected in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                self.opts.pk.to_python(selected)
            except ValidationError as error:
                raise BadRequest(f"{selected[:40]} is no id of a {self.opts.verbose_name}.") from error
        return super().response_action(request, queryset, *location)

    # --- One row ------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show or save one row; what a service refuses is told on the same page, and nothing is changed."""
        context = {**(extra_context or {}), "show_history": self.is_audited}
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except ProductError as error:
            problems = [text for texts in error.fields.values() for text in texts] or [error.message]
            self.message_user(request, f"{' '.join(problems)} Nothing was changed.", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to what the audit log has of this row."""
        row = self.get_object(request, object_id)
        if not self.is_audited:
            raise Http404("The audit log does not tell of these rows.")
        chosen = {"target_kind": self.opts.model_name, "target_id": row.pk}
        return HttpResponseRedirect(f"{reverse('admin:audit_entry_changelist')}?{urlencode(chosen)}")

    def log_change(self, request: HttpRequest, obj: Row, message: Any) -> Any:
        """Log nothing here: the services write the audit log."""
        return None
