"""What an action is told beside the tasks, described as data: a page draws the form, a request is checked."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from apps.core.errors import ValidationFailed
from apps.projects.models import Project

MAX_TEXT = 200
MAX_CHOSEN = 1_000


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that can be chosen, and what people read."""

    value: str | int
    label: str


def no_choices(_project: Project) -> Sequence[Choice]:
    """Return nothing to choose from: of options that are typed in."""
    return ()


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that an action is told.

    Attributes:
        name: the field of the request's body.
        type: what stands in the form: a number from `least` to `most`, a text, or a choice among `choices`.
        is_whole: of a number: it has no fraction.
        multiple: several choices may be taken; the value is then a list.
        default: taken when the request does not say; None for an option that is not required means nothing.
    """

    name: str
    label: str
    type: Literal["number", "text", "select"]
    help: str = ""
    required: bool = True
    choices: Callable[[Project], Sequence[Choice]] = no_choices
    multiple: bool = False
    least: int | None = None
    most: int | None = None
    is_whole: bool = True
    default: Any = None

    def document(self, project: Project | None) -> dict[str, Any]:
        """Return the description of the form's field."""
        document: dict[str, Any] = {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "help": self.help,
            "required": self.required,
            "value": self.default,
        }
        if self.type == "select":
            choices = self.choices(project) if project else ()
            document["multiple"] = self.multiple
            document["options"] = [{"value": choice.value, "label": choice.label} for choice in choices]
        if self.type == "number":
            document |= {"min": self.least, "max": self.most, "step": 1 if self.is_whole else None}
        return document

    def read(self, given: Any, project: Project) -> Any:
        """Return a value of a request, checked.

        Raises:
            ValidationFailed: it is missing, or not what the option takes.
        """
        if given is None or given == "":
            if self.required and self.default is None:
                raise self._wrong("is needed")
            return self.default
        if self.type == "number":
            return self._number(given) if self.is_whole else self._fraction(given)
        if self.type == "text":
            return self._text(given)
        return self._chosen(given, project)

    def _number(self, given: Any) -> int:
        least, most = self.least or 0, self.most or 2**31 - 1
        if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
            raise self._wrong(f"must be a whole number from {least} to {most}")
        return given

    def _fraction(self, given: Any) -> float:
        if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
            raise self._wrong("must be a number")
        return float(given)

    def _text(self, given: Any) -> str:
        if not isinstance(given, str) or len(given) > MAX_TEXT or "\x00" in given:
            raise self._wrong(f"must be a text of at most {MAX_TEXT} characters, without NUL")
        return given

    def _chosen(self, given: Any, project: Project) -> Any:
        known = {choice.value for choice in self.choices(project)}
        wanted = given if isinstance(given, list) else [given]
        if not wanted or len(wanted) > MAX_CHOSEN or (len(wanted) > 1 and not self.multiple):
            raise self._wrong("must be a list of choices" if self.multiple else "must be one choice")
        for value in wanted:
            if isinstance(value, bool) or not isinstance(value, str | int) or value not in known:
                raise self._wrong(f"cannot be {str(value)[:80]!r}: that is no choice in this project")
        return list(dict.fromkeys(wanted)) if self.multiple else wanted[0]

    def _wrong(self, problem: str) -> ValidationFailed:
        message = f"{self.name} {problem}."
        return ValidationFailed(message, fields={self.name: [message]})


def read_options(options: Sequence[Option], body: Mapping[str, Any], project: Project) -> dict[str, Any]:
    """Return what a request's body says for the given options; other fields of the body are not looked at.

    Raises:
        ValidationFailed: one is missing or wrong.
    """
    return {option.name: option.read(body.get(option.name), project) for option in options}
