"""Labeled spans of texts, by characters as Python counts them; the editor counts UTF-16 units, emoji are two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.exports.formats.format import ExportOptions
from apps.exports.formats.tasks import Completion, Task, results, shown_value
from apps.labeling.config import LabelingConfig, ObjectTag

_LARGEST_ONE_UNIT = "\uffff"


@dataclass(frozen=True, slots=True)
class Span:
    """A labeled piece of a text, the end excluded."""

    start: int
    end: int
    labels: tuple[str, ...]
    region: Any


@dataclass(frozen=True, slots=True)
class LabeledText:
    """A text of a task with the spans of one completion, sorted by their start, longer ones first.

    Attributes:
        choices: what was chosen about the text as a whole, by the name of the control.
    """

    text: str
    spans: list[Span]
    choices: dict[str, list[str]]
    task: Any
    completion: Any


def text_needed(config: LabelingConfig) -> str | None:
    """Let configs pass that label spans of a text."""
    return None if _labeled_texts(config, ("Labels",)) else "needs Labels on Text"


def text_or_choices_needed(config: LabelingConfig) -> str | None:
    """Let configs pass that label spans of a text, or choose about it."""
    return None if _labeled_texts(config, ("Labels", "Choices")) else "needs Labels or Choices on Text"


def _labeled_texts(config: LabelingConfig, types: tuple[str, ...]) -> list[ObjectTag]:
    asked = {
        name for control in config.controls.values() if control.type in types for name in control.to_names
    }
    return [shown for name, shown in config.objects.items() if shown.type == "Text" and name in asked]


class TextReader:
    """Finds the labeled texts of tasks; what cannot be read goes into the report."""

    def __init__(self, options: ExportOptions, types: tuple[str, ...] = ("Labels",)) -> None:
        self._options = options
        self._shown = _labeled_texts(options.config, types)
        controls = options.config.controls
        self._labels = {name for name, control in controls.items() if control.type == "Labels"}
        self._choices = {name for name, control in controls.items() if control.type == "Choices"}

    def read(self, task: Task, completion: Completion) -> Iterator[LabeledText]:
        """Yield each text of a task that can be labeled, with the completion's spans."""
        for shown in self._shown:
            text = shown_value(self._options.config, shown, task)
            if shown.get("valueType") == "url" or shown.get("encoding") not in ("", "none"):
                text = None
            if not isinstance(text, str):
                self._options.report.add(
                    f'the text of <Text name="{shown.name}"> does not stand in the task; it is left out',
                    task=task.get("id"),
                )
                continue
            yield self._labeled(task, completion, shown, text)

    def _labeled(self, task: Task, completion: Completion, shown: ObjectTag, text: str) -> LabeledText:
        spans: list[Span] = []
        choices: dict[str, list[str]] = {}
        place = _place_in(text)
        for item in results(completion):
            name, value = item.get("from_name"), item.get("value")
            if item.get("to_name") != shown.name or not isinstance(value, dict):
                continue
            if name in self._choices and "start" not in value:
                choices.setdefault(str(name), []).extend(_texts(value.get("choices")))
            if name not in self._labels:
                continue
            found = _span(value, item.get("id"), place)
            if found is None:
                self._options.report.add(
                    "a labeled span has no label or lies outside of the text; it is left out",
                    task=task.get("id"), completion=completion.get("id"), region=item.get("id"),
                )  # fmt: skip
            else:
                spans.append(found)
        spans.sort(key=lambda span: (span.start, -span.end))
        return LabeledText(text, spans, choices, task.get("id"), completion.get("id"))


def _texts(value: Any) -> list[str]:
    return [part for part in value if isinstance(part, str)] if isinstance(value, list) else []


def _place_in(text: str) -> range | dict[int, int]:
    """Return which character each UTF-16 offset is at; one within an emoji is at none."""
    if text.isascii() or max(text, default="") <= _LARGEST_ONE_UNIT:
        return range(len(text) + 1)
    places, offset = {}, 0
    for place, character in enumerate(text):
        places[offset] = place
        offset += 1 if character <= _LARGEST_ONE_UNIT else 2
    places[offset] = len(text)
    return places


def _span(value: dict[str, Any], region: Any, places: range | dict[int, int]) -> Span | None:
    start, end = value.get("start"), value.get("end")
    labels = tuple(_texts(value.get("labels")))
    if type(start) is not int or type(end) is not int or start not in places or end not in places:
        return None
    if start >= end or not labels:
        return None
    return Span(places[start], places[end], labels, region)


def without_overlaps(spans: list[Span]) -> tuple[list[Span], list[Span]]:
    """Return the spans that touch none before them, and those that do."""
    kept: list[Span] = []
    dropped: list[Span] = []
    for span in spans:
        (dropped if kept and span.start < kept[-1].end else kept).append(span)
    return kept, dropped
