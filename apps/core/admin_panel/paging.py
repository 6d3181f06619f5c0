"""Pages of tables that are too large to be counted."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property

DEEPEST_ROW = 100_000
"""How far one can page; who looks for a row beyond it filters."""


class UncountedPage(Page[Any]):
    """A page that may be followed by another one when it is full."""

    def has_next(self) -> bool:
        """Whether there may be more rows."""
        return len(self.object_list) == self.paginator.per_page


class UncountedPaginator(Paginator[Any]):
    """Goes from page to page without asking how many there are.

    Args:
        total: how many rows there are, where running totals or an estimate know it; only shown.
    """

    template_name = "admin/uncounted_pagination.html"

    def __init__(self, *args: Any, total: int | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.total = total

    @cached_property
    def count(self) -> int:
        """As many rows as can be paged through: whatever asks for a count gets it without a query."""
        return DEEPEST_ROW

    def page(self, number: int | str) -> UncountedPage:
        """Return a page; the ids are found first, so that a deep page steps over index entries and not over rows."""
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        rows: Any = self.object_list
        ids = list(rows.values_list("pk", flat=True)[start : start + self.per_page])
        return self._get_page(rows.filter(pk__in=ids), number, self)

    def _get_page(self, *args: Any, **options: Any) -> UncountedPage:
        return UncountedPage(*args, **options)
