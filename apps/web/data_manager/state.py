"""What the data manager page shows, and how the whole of it stands in the page's address.

Each part of the state has a parameter. One that is missing is as the saved tab has it, or as a new page has it; one
that is there, even empty, replaces it. So an address is short, and follows a tab that is changed later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlencode

from django.http import QueryDict

from apps.core import json
from apps.core.errors import ValidationFailed
from apps.data_manager.columns import DATA, MAX_KEY_LENGTH, find_column
from apps.data_manager.filters import read_filters
from apps.data_manager.models import View
from apps.data_manager.ordering import read_ordering

PAGE_SIZES = (25, 50, 100, 200)
LAYOUTS = {"table": "Table", "grid": "Grid"}
MAX_COLUMNS = 60
MAX_SEARCH = 500
NARROWEST, WIDEST = 64, 1200
"""How narrow and how wide a column can be made, in pixels."""

MAX_PAGE = 10**9
NO_FILTERS: dict[str, Any] = {"conjunction": "and", "items": []}


@dataclass(frozen=True, slots=True)
class PageState:
    """What the page shows.

    Attributes:
        search: what any key of the data is to hold.
        filters: the document of the API.
        ordering: names of columns, a minus before those that descend.
        columns: names of the columns after the id, in their order; empty: those of a new page.
        widths: of columns that were resized, in pixels.
    """

    search: str = ""
    filters: Mapping[str, Any] = field(default_factory=lambda: NO_FILTERS)
    ordering: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    widths: Mapping[str, int] = field(default_factory=dict)
    layout: str = "table"
    page_size: int = 50

    @property
    def is_filtered(self) -> bool:
        """Whether some tasks may be left out."""
        return bool(self.search or self.filters["items"])

    @property
    def all_filters(self) -> dict[str, Any]:
        """The filters with the search among them."""
        if not self.search:
            return dict(self.filters)
        searched = {
            "filter": "filter:tasks:data",
            "operator": "contains",
            "type": "String",
            "value": self.search,
        }
        if not self.filters["items"]:
            return {"conjunction": "and", "items": [searched]}
        if self.filters["conjunction"] == "and":
            return {"conjunction": "and", "items": [*self.filters["items"], searched]}
        return {"conjunction": "and", "items": [self.filters, searched]}

    def document(self) -> dict[str, Any]:
        """Return it as the page's script reads it."""
        return asdict(self) | {"filters": self.filters, "widths": dict(self.widths)}

    def changed(self, **changes: Any) -> Self:
        """Return it with some parts changed."""
        return replace(self, **changes)


def query_string(state: PageState, base: PageState, *, tab: int | None = None, page: int = 1) -> str:
    """Return the address of a state behind the path: `?` and what differs from `base`."""
    pairs: list[tuple[str, str]] = [("tab", str(tab))] if tab is not None else []
    if state.search != base.search:
        pairs.append(("q", state.search))
    if state.filters != base.filters:
        pairs.append(("filters", _dumped(state.filters) if state.filters["items"] else ""))
    for name in ("ordering", "columns"):
        if getattr(state, name) != getattr(base, name):
            pairs += [(name, value) for value in getattr(state, name) or [""]]
    if state.widths != base.widths:
        pairs.append(("widths", _dumped(state.widths)))
    if state.layout != base.layout:
        pairs.append(("layout", state.layout))
    if state.page_size != base.page_size:
        pairs.append(("page_size", str(state.page_size)))
    if page > 1:
        pairs.append(("page", str(page)))
    return f"?{urlencode(pairs)}"


def _dumped(document: Any) -> str:
    return json.dumps(document).decode()


def read_state(parameters: QueryDict, base: PageState) -> PageState:
    """Return the state that an address tells.

    Filters are taken as they are, so that a wrong one can be shown beside the others; all else must be right.

    Raises:
        ValidationFailed: a part of it is not what it should be; the message says which.
    """
    changes: dict[str, Any] = {}
    if "q" in parameters:
        changes["search"] = str(parameters["q"]).replace("\x00", "")[:MAX_SEARCH].strip()
    if "filters" in parameters:
        changes["filters"] = read_filter_document(str(parameters["filters"]))
    if "ordering" in parameters:
        changes["ordering"] = _ordering([name for name in parameters.getlist("ordering") if name])
    if "columns" in parameters:
        changes["columns"] = _columns([name for name in parameters.getlist("columns") if name])
    if "widths" in parameters:
        changes["widths"] = _widths(json.loads(str(parameters["widths"]) or "{}", what="widths"))
    if parameters.get("layout") in LAYOUTS:
        changes["layout"] = parameters["layout"]
    if (size := parameters.get("page_size", "")) in map(str, PAGE_SIZES):
        changes["page_size"] = int(size)
    return base.changed(**changes)


def read_page(parameters: QueryDict) -> int:
    """Return the number of the page that an address names, from 1; the first one where it names none."""
    text = parameters.get("page", "")
    return min(max(int(text), 1), MAX_PAGE) if text.isascii() and text.isdigit() and len(text) < 12 else 1


def state_of_tab(view: View, base: PageState) -> PageState:
    """Return what a saved tab shows. Whatever a client other than this page keeps in it, and the page does not know,
    is passed over.

    Raises:
        ValidationFailed: it orders by what is no column (any more).
    """
    data = view.data
    filters = data.get("filters")
    changes: dict[str, Any] = {
        "ordering": _ordering(data.get("ordering")),
        "layout": "grid" if data.get("type") == "grid" else "table",
    }
    if isinstance(filters, dict) and isinstance(filters.get("items"), list):
        changes["filters"] = NO_FILTERS | filters
    if isinstance(data.get("columns"), list):
        known = [name for name in data["columns"] if _is_column(name)]
        changes["columns"] = tuple(dict.fromkeys(known))[:MAX_COLUMNS]
    if isinstance(data.get("columnsWidth"), dict):
        changes["widths"] = _known_widths(data["columnsWidth"])
    if data.get("page_size") in PAGE_SIZES:
        changes["page_size"] = data["page_size"]
    return base.changed(**changes)


def tab_data(state: PageState) -> dict[str, Any]:
    """Return what a tab keeps of a state; the search becomes one of its filters, as the API knows no other."""
    return {
        "type": "grid" if state.layout == "grid" else "list",
        "filters": state.all_filters,
        "ordering": [_wire_name(name) for name in state.ordering],
        "columns": list(state.columns),
        "columnsWidth": dict(state.widths),
        "page_size": state.page_size,
    }


def read_filter_document(text: str) -> dict[str, Any]:
    """Return the filters that a text holds, as far as they are groups of items.

    Raises:
        ValidationFailed: they are no JSON, or no group.
    """
    document = json.loads(text, what="filters") if text else {}
    if not isinstance(document, dict) or not isinstance(document.get("items", []), list):
        raise ValidationFailed('Filters look like {"conjunction": "and" or "or", "items": [...]}.')
    document = NO_FILTERS | document
    if document["conjunction"] not in ("and", "or"):
        read_filters({"conjunction": document["conjunction"], "items": []})
    return document


def _ordering(names: Any) -> tuple[str, ...]:
    keys = read_ordering(names)
    return tuple(dict.fromkeys(f"{'-' if key.descending else ''}{key.column.id}" for key in keys))


def _wire_name(name: str) -> str:
    return f"-tasks:{name[1:]}" if name.startswith("-") else f"tasks:{name}"


def _columns(names: list[str]) -> tuple[str, ...]:
    if len(names) > MAX_COLUMNS:
        raise ValidationFailed(f"A table shows at most {MAX_COLUMNS} columns.")
    return tuple(dict.fromkeys(find_column(name).id for name in names if name != "id"))


def _is_column(name: Any) -> bool:
    if not isinstance(name, str) or name == "id":
        return False
    try:
        find_column(name)
    except ValidationFailed:
        return False
    return True


def _widths(document: Any) -> dict[str, int]:
    if not isinstance(document, dict) or len(document) > MAX_COLUMNS + 1:
        raise ValidationFailed('widths looks like {"data.text": 320}.')
    return _known_widths(document)


def _known_widths(document: dict[str, Any]) -> dict[str, int]:
    return {
        name: min(max(int(width), NARROWEST), WIDEST)
        for name, width in document.items()
        if type(width) in (int, float) and len(name) <= len(DATA) + MAX_KEY_LENGTH
    }
