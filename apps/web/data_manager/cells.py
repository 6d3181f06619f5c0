"""Draws the cells of the table and the cards of the grid.

A page has thousands of them, so they are put together here; a template for each would take longer than all else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.accounts.models import User
from apps.data_manager.columns import ColumnType, find_column
from apps.data_manager.conditions import Sight
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.web.data_manager.offered_columns import ShownColumn
from apps.web.data_manager.values import Values, values_of
from apps.web.data_values import MEDIA, is_address
from apps.web.templatetags.web import avatar, icon, when

AVATARS = 4
SHOWN = 400
"""How many characters of a text are shown."""

LISTED = 6
EMPTY = format_html('<span class="dm-none" aria-hidden="true">{}</span>', "–")
VERDICTS = {"accepted": "green", "rejected": "red"}
STATES = {"labeled": "green", "in progress": "blue", "skipped": "yellow", "open": "secondary"}


@dataclass(frozen=True, slots=True)
class Row:
    """A task as the table shows it; `cells` are in the order of the columns, `line` is all of them as the table's."""

    id: int
    inner_id: int
    address: str
    state: SafeString
    cells: list[SafeString]
    line: SafeString
    card: SafeString


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What cells are drawn with."""

    project: Project
    people: Mapping[int, User]
    links_imports: bool
    address: str


def rows_of(
    project: Project, task_ids: Sequence[int], columns: Sequence[ShownColumn], sight: Sight
) -> list[Row]:
    """Return a row for each task, in their order; those that were deleted meanwhile are left out."""
    always = [find_column("inner_id"), find_column("state")]
    wanted = {column.id: column for column in (*always, *(shown.column for shown in columns))}
    values = values_of(task_ids, list(wanted.values()), sight)
    drawing = _Drawing(
        project=project,
        people=_people(values.values()),
        links_imports=allows(project.my_role, Action.IMPORT),
        address=reverse("web:tasks", args=[project.pk]),
    )
    return [_row(values[pk], columns, drawing) for pk in task_ids if pk in values]


def _row(values: Values, columns: Sequence[ShownColumn], drawing: _Drawing) -> Row:
    cells = [_cell(shown, values, drawing) for shown in columns]
    pictured = next((shown for shown in columns if shown.column.key), None)
    return Row(
        id=values["id"],
        inner_id=values["inner_id"],
        state=_state(values["state"]),
        address=f"{drawing.address}/{values['id']}",
        cells=cells,
        line=format_html_join("", "<td>{}</td>", ((cell,) for cell in cells)),
        card=_data(pictured, values[pictured.name], values) if pictured else EMPTY,
    )


def _people(rows: Any) -> Mapping[int, User]:
    ids = {
        pk
        for values in rows
        for pk in (
            *(values.get("annotators") or ()),
            *(values.get("assigned_to") or ()),
            values.get("updated_by"),
        )
        if pk
    }
    return User.objects.in_bulk(ids) if ids else {}


def _cell(shown: ShownColumn, values: Values, drawing: _Drawing) -> SafeString:
    value = values.get(shown.name)
    if value is None or value in ("", []):
        return EMPTY
    if shown.column.key:
        return _data(shown, value, values)
    if draw := _OWN.get(shown.name):
        return draw(value, drawing)
    return _BY_TYPE[shown.column.type](value)


def _data(shown: ShownColumn, value: Any, values: Values) -> SafeString:
    """Draw a key of the data: pictures as they are, players when they are asked for, all else as text."""
    kind = MEDIA.get(shown.tag)
    text = "" if value is None else str(value)
    if kind is None or not is_address(text):
        return _text(text) if text else EMPTY
    name = f"{shown.column.title} of task {values['inner_id']}"
    if kind == "image":
        return format_html(
            '<img class="dm-thumb" src="{}" alt="{}" loading="lazy" decoding="async" width="96" height="72">',
            text,
            name,
        )
    return format_html(
        '<button class="btn btn-sm dm-play" type="button" data-play="{}" data-source="{}" aria-label="Play {}">'
        "{} Play</button>",
        kind,
        text,
        name,
        icon("player-play"),
    )


def _text(value: Any) -> SafeString:
    return format_html('<div class="dm-text">{}</div>', str(value)[:SHOWN])


def _state(value: str) -> SafeString:
    return format_html(
        '<span class="status status-{}">{}</span>', STATES.get(value, "secondary"), value.capitalize()
    )


def _verdicts(values: Sequence[str]) -> SafeString:
    each = ((VERDICTS.get(value, "secondary"), value.capitalize()) for value in sorted(values))
    return format_html(
        '<span class="dm-list">{}</span>',
        format_html_join(" ", '<span class="status status-{}">{}</span>', each),
    )


def _number(value: Any) -> SafeString:
    if isinstance(value, float):
        value = round(value, 3)
    return format_html("{}", f"{value:,}")


def _flag(value: bool) -> SafeString:
    return format_html("{}", "Yes") if value else EMPTY


def _list(values: Sequence[Any]) -> SafeString:
    badges = format_html_join(
        " ", '<span class="badge bg-blue-lt">{}</span>', ((one,) for one in values[:LISTED])
    )
    more = len(values) - LISTED
    return format_html('<span class="dm-list">{}{}</span>', badges, f" +{more:,}" if more > 0 else "")


def _avatars(ids: Sequence[int], drawing: _Drawing) -> SafeString:
    people = [drawing.people[pk] for pk in ids if pk in drawing.people]
    if not people:
        return EMPTY
    drawn = format_html_join(
        "",
        '<span class="dm-person" title="{}">{}</span>',
        ((one, avatar(one, "xs")) for one in people[:AVATARS]),
    )
    names = ", ".join(str(one) for one in people)
    more = len(people) - AVATARS
    return format_html(
        '<span class="avatar-list avatar-list-stacked" role="img" aria-label="{}">{}{}</span>',
        names,
        drawn,
        format_html('<span class="dm-more">+{}</span>', more) if more > 0 else "",
    )


def _person(pk: int, drawing: _Drawing) -> SafeString:
    return format_html("{}", drawing.people[pk]) if pk in drawing.people else EMPTY


def _import(pk: int, drawing: _Drawing) -> SafeString:
    if not drawing.links_imports:
        return format_html("Import {}", pk)
    return format_html(
        '<a href="{}">Import {}</a>', reverse("web:import-report", args=[drawing.project.pk, pk]), pk
    )


def _moment(value: Any) -> SafeString:
    return format_html("{}", when(value))


def _any(value: Any) -> SafeString:
    return _text("\n".join(map(str, value)) if isinstance(value, list) else value)


_OWN: dict[str, Callable[[Any, _Drawing], SafeString]] = {
    "state": lambda value, _: _state(value),
    "annotators": _avatars,
    "assigned_to": _avatars,
    "updated_by": _person,
    "import": _import,
    "avg_lead_time": lambda value, _: format_html("{} s", f"{value:,.1f}"),
    "review": lambda value, _: _verdicts(value),
    "ground_truth": lambda value, _: format_html("{} Yes", icon("star")) if value else EMPTY,
    "inner_id": lambda value, _: format_html("{}", value),
}

_BY_TYPE: dict[ColumnType, Callable[[Any], SafeString]] = {
    ColumnType.NUMBER: _number,
    ColumnType.DATETIME: _moment,
    ColumnType.BOOLEAN: _flag,
    ColumnType.STRING: _any,
    ColumnType.LIST: _list,
}
