"""The heads of the table, its saved tabs and its pages: each with the addresses that it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.urls import reverse

from apps.accounts.models import User
from apps.data_manager.columns import ColumnType, find_column
from apps.data_manager.models import View
from apps.data_manager.tabs import SHARING, views_of
from apps.projects.models import Project
from apps.projects.policy import allows
from apps.web.data_manager.filter_words import Chip, chips_of
from apps.web.data_manager.offered_columns import ShownColumn, names_of
from apps.web.data_manager.opening import Found, Opened
from apps.web.data_values import MEDIA

_WIDTHS = {
    ColumnType.NUMBER: 120,
    ColumnType.DATETIME: 150,
    ColumnType.BOOLEAN: 120,
    ColumnType.STRING: 200,
    ColumnType.LIST: 180,
}
_OWN_WIDTHS = {"id": 120, "state": 130, "annotators": 130, "assigned_to": 130}
_TEXT, _MEDIA = 340, 140


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column.

    Attributes:
        place: which key of the order it is, from 1; 0 for none.
        address: where a click leads: ascending, descending, not at all.
        added: the same beside the other keys.
        width: in pixels.
    """

    name: str
    title: str
    help: str
    width: int
    is_orderable: bool
    direction: str
    place: int
    address: str
    added: str


def heads_of(opened: Opened, columns: list[ShownColumn]) -> list[Head]:
    """Return the heads of the table, that of the id first."""
    first = ShownColumn(find_column("id"), width=opened.state.widths.get("id"))
    return [_head(opened, shown) for shown in (first, *columns)]


def _head(opened: Opened, shown: ShownColumn) -> Head:
    ordering, name = opened.state.ordering, shown.name
    place = next((at for at, key in enumerate(ordering, 1) if key.removeprefix("-") == name), 0)
    present = ordering[place - 1] if place else ""
    following = {"": (name,), name: (f"-{name}",)}.get(present, ())
    added = (*ordering[: place - 1], *following, *ordering[place:]) if place else (*ordering, *following)
    return Head(
        name=name,
        title=shown.column.title,
        help=shown.column.help,
        width=shown.width or _usual_width(shown),
        is_orderable=shown.column.orderable,
        direction="" if not present else "descending" if present.startswith("-") else "ascending",
        place=place,
        address=opened.address(ordering=following),
        added=opened.address(ordering=added[:5]),
    )


def _usual_width(shown: ShownColumn) -> int:
    if shown.column.key:
        return _MEDIA if shown.tag in MEDIA else _TEXT
    return _OWN_WIDTHS.get(shown.name, _WIDTHS[shown.column.type])


@dataclass(frozen=True, slots=True)
class SavedTab:
    """One of the tabs above the table."""

    id: int
    title: str
    address: str
    is_current: bool
    is_shared: bool
    may_change: bool


def saved_tabs(opened: Opened) -> list[SavedTab]:
    """Return the tabs that this person sees, in their order."""
    path = reverse("web:tasks", args=[opened.project.pk])
    current = opened.tab.pk if opened.tab else None
    return [
        SavedTab(
            id=view.pk,
            title=str(view),
            address=f"{path}?tab={view.pk}",
            is_current=view.pk == current,
            is_shared=view.is_shared,
            may_change=may_change(opened.project, opened.user, view),
        )
        for view in views_of(opened.project, opened.user)
    ]


def may_change(project: Project, user: User, view: View) -> bool:
    """Whether `user` may change a tab: their own, and as a manager the shared ones."""
    return allows(project.my_role, SHARING) if view.is_shared else view.user_id == user.pk


@dataclass(frozen=True, slots=True)
class ShownChip:
    """One of the active filters, and where it leads to be without it."""

    chip: Chip
    without: str


def shown_chips(opened: Opened) -> list[ShownChip]:
    """Return the active filters in words."""
    filters = opened.state.filters
    names = names_of(opened.project, opened.user, filters["items"])
    found = []
    for chip in chips_of(filters, opened.filter_problems, names):
        rest = [item for place, item in enumerate(filters["items"]) if place != chip.place]
        found.append(ShownChip(chip, opened.address(filters={**filters, "items": rest})))
    return found


@dataclass(frozen=True, slots=True)
class PageLink:
    """A way to another page; without an address it is the present one, or a gap."""

    label: str
    address: str = ""
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Paging:
    """Where the page stands among the others.

    Attributes:
        first, last: the places of its first and last task, from 1.
    """

    first: int
    last: int
    total: int
    is_lower_bound: bool
    previous: str
    next: str
    links: list[PageLink]


def paging_of(opened: Opened, found: Found) -> Paging:
    """Return the way to the other pages."""
    tasks, size = found.tasks, opened.state.page_size
    start = (found.page - 1) * size
    has_next = start + size < tasks.total or (tasks.is_lower_bound and len(tasks.ids) == size)
    return Paging(
        first=start + 1 if tasks.ids else 0,
        last=start + len(tasks.ids),
        total=tasks.total,
        is_lower_bound=tasks.is_lower_bound,
        previous=opened.address(page=found.page - 1) if found.page > 1 else "",
        next=opened.address(page=found.page + 1) if has_next else "",
        links=[] if tasks.is_lower_bound else list(_links(opened, found)),
    )


def _links(opened: Opened, found: Found) -> Iterator[PageLink]:
    paginator = Paginator(range(found.tasks.total), opened.state.page_size)
    for number in paginator.get_elided_page_range(found.page, on_each_side=1, on_ends=1):
        if isinstance(number, int):
            yield PageLink(f"{number:,}", opened.address(page=number), number == found.page)
        else:
            yield PageLink("…")
