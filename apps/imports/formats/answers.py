"""Answers out of annotated sets: their labels and shapes as result items of the config's controls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.imports.formats.format import ReadOptions, UnreadableFile
from apps.labeling.config import ControlTag
from apps.labeling.regions import utf16_length

Result = dict[str, Any]

VALUE_KEYS = {
    "RectangleLabels": "rectanglelabels",
    "PolygonLabels": "polygonlabels",
    "BrushLabels": "brushlabels",
    "Labels": "labels",
    "HyperTextLabels": "hypertextlabels",
    "Choices": "choices",
}
"""Under which key of a value each control's labels stand, which is also the type of its result items."""


def control_for(options: ReadOptions, *types: str) -> ControlTag | None:
    """Return the control that takes answers of one of `types`, the fittest type first; None if there is none.

    Raises:
        UnreadableFile: the control that the options name does not exist or takes other answers.
    """
    controls = options.config.controls
    if options.control:
        named = controls.get(options.control)
        if named is None:
            raise UnreadableFile(f'The labeling config has no control named "{options.control}".')
        if named.type in types:
            return named
    for wanted in types:
        for control in controls.values():
            if control.type == wanted and control.to_names:
                return control
    return None


def required_control(options: ReadOptions, what: str, *types: str) -> ControlTag:
    """Return the control for answers; raises `UnreadableFile` when the config has none."""
    control = control_for(options, *types)
    if control is None:
        tags = " or ".join(f"<{name}>" for name in types)
        raise UnreadableFile(
            f"The file holds {what}, and the labeling config has no {tags} to take them. Add one."
        )
    return control


def variable_of(control: ControlTag, options: ReadOptions) -> str:
    """Return the key of a task's data that the control's object shows.

    Raises:
        UnreadableFile: the object shows a fixed value.
    """
    shown = options.config.objects.get(control.to_names[0])
    if shown is None or shown.variable is None:
        raise UnreadableFile(f'The control "{control.name}" is about nothing that a task\'s data can fill.')
    return shown.variable


def result_item(control: ControlTag, number: int, value: dict[str, Any], **more: Any) -> Result:
    """Return a result item of `control`; `number` tells the regions of a task apart."""
    return {
        "id": f"r{number}",
        "from_name": control.name,
        "to_name": control.to_names[0],
        "type": VALUE_KEYS[control.type],
        "value": value,
        **more,
    }


def span(control: ControlTag, number: int, text: str, start: int, end: int, label: str) -> Result:
    """Return a labeled piece of a text; `start` and `end` count characters, the end excluded.

    The editor counts as JavaScript does, in UTF-16 units: what stands behind an emoji is one further.
    """
    piece = text[start:end]
    first = start if text.isascii() else utf16_length(text[:start])
    value: dict[str, Any] = {"start": first, "end": first + utf16_length(piece), "text": piece}
    return result_item(control, number, value | {VALUE_KEYS[control.type]: [label]})


def choice(control: ControlTag, labels: list[str]) -> Result:
    """Return a choice that is about a whole object."""
    return {
        "from_name": control.name,
        "to_name": control.to_names[0],
        "type": "choices",
        "value": {"choices": labels},
    }


def row_with(
    data: dict[str, Any], result: Iterable[Result], options: ReadOptions, **answer: Any
) -> dict[str, Any]:
    """Return a task with one answer: a completion or a prediction, as the options ask.

    Args:
        answer: further fields of it: `score`, `was_cancelled`.
    """
    items = list(result)
    if options.answers_as == "completions":
        completion = {key: value for key, value in answer.items() if key == "was_cancelled"}
        return {"data": data, "completions": [{"result": items, **completion}]}
    prediction: dict[str, Any] = {"result": items}
    if options.model_version:
        prediction["model_version"] = options.model_version
    if answer.get("score") is not None:
        prediction["score"] = answer["score"]
    return {"data": data, "predictions": [prediction]}
