"""What of a labeled task belongs into an export, told from the task alone: no code of the exports has a say here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from apps.labeling.config import LabelingConfig

Item = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """A labeled shape of a picture, in pixels.

    Attributes:
        points: of a box or a polygon its corners, of an ellipse many points on its line, of a keypoint the only one.
        box: left, top, right and bottom.
    """

    kind: str
    labels: list[str]
    points: numpy.ndarray
    box: tuple[float, float, float, float]
    area: float


def shapes(answer: list[Item], *kinds: str) -> list[Shape]:
    """Return the labeled shapes of an answer, in its order, of these kinds of result."""
    return [_shape(item) for item in answer if item["type"] in kinds]


def _shape(item: Item) -> Shape:
    value, kind = item["value"], item["type"].removesuffix("labels")
    scale = numpy.array([item["original_width"], item["original_height"]]) / 100
    points = _POINTS[kind](value, scale)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    xs, ys = points.T
    area = abs(numpy.dot(xs, numpy.roll(ys, 1)) - numpy.dot(ys, numpy.roll(xs, 1))) / 2
    return Shape(kind, value[item["type"]], points, (left, top, right, bottom), float(area))


def _turned(around: numpy.ndarray, offsets: numpy.ndarray, degrees: float) -> numpy.ndarray:
    turn = numpy.exp(1j * numpy.radians(degrees))
    found = (offsets[:, 0] + 1j * offsets[:, 1]) * turn
    moved: numpy.ndarray = around + numpy.column_stack([found.real, found.imag])
    return moved


def _rectangle(value: Item, scale: numpy.ndarray) -> numpy.ndarray:
    size = numpy.array([value["width"], value["height"]]) * scale
    corners = numpy.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * size
    return _turned(numpy.array([value["x"], value["y"]]) * scale, corners, value["rotation"])


def _ellipse(value: Item, scale: numpy.ndarray) -> numpy.ndarray:
    angles = numpy.linspace(0, 2 * numpy.pi, 720, endpoint=False)
    radii = numpy.array([value["radiusX"], value["radiusY"]]) * scale
    line = numpy.column_stack([numpy.cos(angles), numpy.sin(angles)]) * radii
    return _turned(numpy.array([value["x"], value["y"]]) * scale, line, value["rotation"])


_POINTS = {
    "rectangle": _rectangle,
    "ellipse": _ellipse,
    "polygon": lambda value, scale: numpy.array(value["points"]) * scale,
    "keypoint": lambda value, scale: numpy.array([[value["x"], value["y"]]]) * scale,
}


@dataclass(frozen=True)
class Text:
    """A text with the pieces that are labeled, each with its labels, from the first on."""

    text: str
    pieces: list[tuple[str, list[str]]]
    choices: set[str]


def texts(config: LabelingConfig, data: Item, answer: list[Item], *controls: str) -> list[Text]:
    """Return the texts of a task that these types of control are about, with what was labeled and chosen."""
    asked = {
        name for control in config.controls.values() if control.type in controls for name in control.to_names
    }
    found = []
    for name, shown in config.objects.items():
        if shown.type != "Text" or name not in asked:
            continue
        items = [item for item in answer if item.get("to_name") == name]
        spans = sorted(
            (item["value"] for item in items if item["type"] == "labels"),
            key=lambda value: (value["start"], -value["end"]),
        )
        text = data[shown.value.removeprefix("$")] if shown.value.startswith("$") else shown.value
        units = text.encode("utf-16-le")
        pieces = [
            (units[2 * span["start"] : 2 * span["end"]].decode("utf-16-le"), span["labels"]) for span in spans
        ]
        whole = [
            item["value"] for item in items if item["type"] == "choices" and "start" not in item["value"]
        ]
        found.append(Text(text, pieces, {label for value in whole for label in value["choices"]}))
    return found


def row(config: LabelingConfig, data: Item, answer: list[Item]) -> Item:
    """Return the flat row of a task: its data and its answers, one of a kind as it is, several as a list."""
    found = {(f"data.{key}" if key in config.controls else key): value for key, value in data.items()}
    for name, control in config.controls.items():
        values = [
            {
                **item["value"],
                **{key: item[key] for key in item if key in ("original_width", "original_height")},
            }
            for item in answer
            if item.get("from_name") == name
        ]
        if values:
            found[name] = _shortened(values, {"Choices": "choices", "TextArea": "text"}.get(control.type))
    return found


def _shortened(values: list[Item], key: str | None) -> Any:
    if key is None:
        return values
    short = [value[key][0] if set(value) == {key} and len(value[key]) == 1 else value for value in values]
    return short[0] if len(short) == 1 else short
