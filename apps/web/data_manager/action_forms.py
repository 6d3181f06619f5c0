"""Forms of actions, made from the description that the catalogue of actions gives of them.

An action that is added to the catalogue shows on the page with its form; nothing about single actions is written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.html import escape

from apps.data_manager.action_api import action_document
from apps.data_manager.actions import ACTIONS, TaskAction
from apps.projects.models import Project
from apps.projects.policy import allows
from apps.web.forms.page_form import PageForm, dress

MAX_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class OfferedAction:
    """An action that a person may run, and how the page asks before it does.

    Attributes:
        fields: the descriptions of its parameters.
        is_destructive: something is lost by it.
        is_file: its answer is a file to download.
    """

    action: TaskAction
    title: str
    text: str
    fields: tuple[Mapping[str, Any], ...]
    is_destructive: bool
    is_undoable: bool
    is_file: bool

    @property
    def id(self) -> str:
        """What it is called on the wire."""
        return self.action.id


def offered_actions(project: Project) -> list[OfferedAction]:
    """Return the actions that the role of the person who asks allows, in their order."""
    allowed = [action for action in ACTIONS if allows(project.my_role, action.right)]
    return [offered_action(action, None) for action in sorted(allowed, key=lambda action: action.order)]


def offered_action(action: TaskAction, project: Project | None) -> OfferedAction:
    """Return an action as the page offers it.

    Args:
        project: where it is to run, for the choices of its form; None: the form is not shown yet.
    """
    document = action_document(action, project)
    dialog = document["dialog"]
    return OfferedAction(
        action=action,
        title=document["title"],
        text=action.question,  # the dialog has a place of its own for what cannot be undone
        fields=tuple(_fields(dialog["form"])),
        is_destructive=dialog["destructive"],
        is_undoable=document["undoable"],
        is_file=document["answers"] == "file",
    )


def _fields(blocks: Any) -> Iterator[Mapping[str, Any]]:
    for block in blocks:
        yield from block.get("fields", ())


class ActionForm(PageForm):
    """The parameters of an action."""

    def __init__(self, offered: OfferedAction, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="option", **kwargs)
        self._described = {str(field["name"]): field for field in offered.fields}
        for name, described in self._described.items():
            self.fields[name] = _form_field(described)
            dress(self.fields[name])

    @property
    def options(self) -> dict[str, Any]:
        """What the action is given: numbers as numbers, choices as the values they stand for."""
        return {
            name: self._option(name, value)
            for name, value in self.cleaned_data.items()
            if value not in ("", None)
        }

    def _option(self, name: str, value: Any) -> Any:
        field = self._described[name]
        if field.get("type") == "select":
            values = {str(option["value"]): option["value"] for option in _options(field)}
            return [values[one] for one in value] if isinstance(value, list) else values[value]
        return int(value) if isinstance(value, float) and value.is_integer() else value


def _form_field(field: Mapping[str, Any]) -> forms.Field:
    kind = field.get("type")
    common: dict[str, Any] = {
        "label": field.get("label") or str(field["name"]).capitalize(),
        "help_text": escape(field.get("help", "")),
        "initial": field.get("value"),
        "required": bool(field.get("required", True)) and kind not in ("checkbox", "toggle"),
    }
    if kind in ("number", "counter", "range"):
        return forms.FloatField(
            min_value=field.get("min"), max_value=field.get("max"), step_size=field.get("step", 1),
            widget=forms.NumberInput(), **common,
        )  # fmt: skip
    if kind in ("checkbox", "toggle"):
        return forms.BooleanField(**common)
    if kind == "select":
        choices = [(str(option["value"]), option["label"]) for option in _options(field)]
        if field.get("multiple"):
            return forms.MultipleChoiceField(
                choices=choices, widget=forms.SelectMultiple(attrs={"size": 6}), **common
            )
        return forms.ChoiceField(choices=choices, **common)
    widget = forms.Textarea(attrs={"rows": 3}) if kind == "textarea" else forms.TextInput()
    return forms.CharField(max_length=MAX_TEXT, widget=widget, **common)


def _options(field: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        option if isinstance(option, dict) else {"value": option, "label": str(option)}
        for option in field.get("options", ())
    ]
