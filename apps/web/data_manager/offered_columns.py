"""What a project's table can show, be filtered and be ordered by, and the values that people choose among."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apps.accounts.models import User
from apps.data_manager.columns import COLUMNS, DATA, Column, ColumnType, find_column
from apps.data_manager.data_keys import data_columns
from apps.data_manager.operators import operators_of, value_type
from apps.labeling import config as labeling
from apps.predictions.queries import model_versions
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.projects.queries import members_of
from apps.web.data_manager.filter_words import Names, operator_words
from apps.web.data_manager.state import PageState

SHOWN_KEYS = 3
"""How many keys of the data a new table shows where the labeling config shows none of them."""

MAX_CHOICES = 500
COMPARED_AS = (ColumnType.STRING, ColumnType.NUMBER, ColumnType.DATETIME, ColumnType.BOOLEAN)
"""What a key of the data can be compared as; it has no type of its own."""

_PEOPLE = ("annotators", "assigned_to", "updated_by")


def new_state(project: Project) -> PageState:
    """Return what a page shows before anybody has chosen anything."""
    keys = _keys_of_config(project)
    if not keys:
        found = [column.key for column, _ in data_columns(project) if "." not in column.key]
        keys = found[:SHOWN_KEYS]
    shown = [column.id for column in COLUMNS if column.is_shown and column.id != "id"]
    return PageState(columns=(*(f"{DATA}{key}" for key in keys), *shown, "annotators"))


def _keys_of_config(project: Project) -> list[str]:
    shown = labeling.parse(project.label_config).data_types
    return [key for key in shown if 0 < len(key) <= 200][:6]


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column of the table.

    Attributes:
        tag: of a key of the data, the type of the tag that shows it; "" for none.
    """

    column: Column
    tag: str = ""
    width: int | None = None

    @property
    def name(self) -> str:
        """What it is called in the address."""
        return self.column.id


def shown_columns(project: Project, state: PageState) -> list[ShownColumn]:
    """Return the columns that the table shows, after the id."""
    tags = labeling.parse(project.label_config).data_types
    found = [find_column(name) for name in state.columns]
    return [ShownColumn(column, tags.get(column.key, ""), state.widths.get(column.id)) for column in found]


def offered(project: Project, user: User) -> list[dict[str, Any]]:
    """Return every column as the page's script reads it, those of the data first."""
    choices = _choices(project, user)
    keys = [_document(column, shown_as) for column, shown_as in data_columns(project)]
    return [*keys, *(_document(column, choices=choices.get(column.id)) for column in COLUMNS)]


def _document(column: Column, shown_as: str = "", choices: list[list[Any]] | None = None) -> dict[str, Any]:
    if choices is None and column.choices:
        choices = [[choice, choice.capitalize()] for choice in column.choices]
    return {
        "id": column.id,
        "title": column.title,
        "help": column.help,
        "type": column.type,
        "valueType": value_type(column),
        "isData": bool(column.key),
        "shownAs": shown_as,
        "operators": operators_of(column),
        "isOrderable": column.orderable,
        "choices": choices,
    }


def operators_by_type() -> dict[str, Any]:
    """Return what the operators of each type are called, and which a key of the data takes when compared as it."""
    sample = find_column(f"{DATA}sample")
    return {
        kind.value: {
            "words": operator_words(kind),
            "ofData": _operators_as(sample, kind) if kind in COMPARED_AS else [],
        }
        for kind in ColumnType
    }


def _operators_as(column: Column, kind: ColumnType) -> tuple[str, ...]:
    return operators_of(Column(column.id, column.title, kind, key=column.key))


def names_of(project: Project, user: User, filters: Iterable[Any]) -> Names:
    """Return what the people are called that filters name; nothing is read where they name none."""
    if not any(_names_people(item) for item in filters):
        return {}
    people = dict(_people(project, user))
    return dict.fromkeys(_PEOPLE, people)


def _names_people(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    if isinstance(item.get("items"), list):
        return any(_names_people(inner) for inner in item["items"])
    return str(item.get("filter", "")).rpartition(":")[2] in _PEOPLE


def _choices(project: Project, user: User) -> dict[str, list[list[Any]]]:
    config = labeling.parse(project.label_config)
    labels = dict.fromkeys(option for control in config.controls.values() for option in control.options)
    people = [[pk, name] for pk, name in _people(project, user)]
    return {
        "labels": [[label, label] for label in labels][:MAX_CHOICES],
        "predictions_model_versions": [
            [version, version or "(no version)"] for version in model_versions(project.pk)[:MAX_CHOICES]
        ],
        **dict.fromkeys(_PEOPLE, people),
    }


def _people(project: Project, user: User) -> list[tuple[int, str]]:
    """Return the members whose completions `user` can search, with their names."""
    members = members_of(project)
    if not (allows(project.my_role, Action.VIEW_ALL_COMPLETIONS) or project.show_completions_to_annotators):
        members = members.filter(user=user)
    return [(member.user_id, str(member.user)) for member in members[:MAX_CHOICES]]
