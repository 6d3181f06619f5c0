"""Whether the `value` of a result item is one that its control gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeGuard

from label_studio_ml.labeling_config import ControlTag, ObjectTag
from label_studio_ml.validation.plain import described

TOLERANCE = 0.5
"""In percent of a picture: rounding may lead a little over its edge."""

Complaint = tuple[str, str, str]
"""The path below `value`, what belongs there, and what is there."""

Value = dict[str, Any]


def value_complaints(
    control: ControlTag, shown: ObjectTag | None, value: Value, data: dict[str, Any]
) -> Iterator[Complaint]:
    """Yield what is wrong with a value.

    Args:
        control: the control that it answers.
        shown: the object that it is about.
        value: an object.
        data: the task's data.
    """
    yield from _label_complaints(control, value)
    if check := _ANSWERS.get(control.result_type):
        yield from check(value)
    if check := _SHAPES.get(control.result_type.removesuffix("labels")):
        yield from check(value)
    elif control.result_type.endswith("labels") and shown:
        yield from _span_complaints(shown, value, data)


def _label_complaints(control: ControlTag, value: Value) -> Iterator[Complaint]:
    key = control.result_type
    if key != "choices" and not key.endswith("labels"):
        return
    given = value.get(key)
    if not isinstance(given, list) or not given:
        yield f".{key}", "a list of labels", described(given)
        return
    for index, label in enumerate(given):
        if not isinstance(label, str | list if key == "choices" else str):
            yield f".{key}[{index}]", "a label", described(label)
        elif not control.holds_open_labels and label not in control.labels:
            yield f".{key}[{index}]", f"one of {_listed(control.labels)}", described(label)


def _listed(labels: dict[str, dict[str, str]]) -> str:
    names = [f'"{name}"' for name in labels]
    return ", ".join(names) if len(names) <= 10 else f"{', '.join(names[:10])} and {len(names) - 10} more"


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(value: Value, *keys: str) -> Iterator[Complaint]:
    for key in keys:
        if not _is_number(value.get(key)):
            yield f".{key}", "a number", described(value.get(key))


def _percents(value: Value, *keys: str) -> Iterator[Complaint]:
    for key in keys:
        number = value.get(key)
        if not _is_number(number) or not -TOLERANCE <= number <= 100 + TOLERANCE:
            yield f".{key}", "a number from 0 to 100 (percent of the picture)", described(number)


def _rectangle(value: Value) -> Iterator[Complaint]:
    if value.get("rotation"):  # the corner of a turned one may lie outside
        return _numbers(value, "x", "y", "width", "height", "rotation")
    return _percents(value, "x", "y", "width", "height")


def _ellipse(value: Value) -> Iterator[Complaint]:
    return _percents(value, "x", "y", "radiusX", "radiusY")


def _keypoint(value: Value) -> Iterator[Complaint]:
    return _percents(value, "x", "y")


def _polygon(value: Value) -> Iterator[Complaint]:
    points = value.get("points")
    if not isinstance(points, list) or len(points) < 3:
        yield ".points", "a list of three points or more", described(points)
        return
    for index, point in enumerate(points):
        if not (isinstance(point, list) and len(point) == 2 and all(map(_is_number, point))):
            yield f".points[{index}]", "two numbers", described(point)


def _brush(value: Value) -> Iterator[Complaint]:
    if value.get("format") != "rle":
        yield ".format", '"rle"', described(value.get("format"))
    rle = value.get("rle")
    if not isinstance(rle, list) or not all(type(byte) is int and 0 <= byte <= 255 for byte in rle):
        yield ".rle", "a list of numbers from 0 to 255", described(rle)


def _span_complaints(shown: ObjectTag, value: Value, data: dict[str, Any]) -> Iterator[Complaint]:
    if shown.type == "Text":
        yield from _text_span(value, data.get(shown.key))
    elif shown.type in ("Audio", "AudioPlus", "Video"):
        yield from _numbers(value, "start", "end")
        if not _is_number(value.get("start")) or not _is_number(value.get("end")):
            return
        if value["start"] > value["end"]:
            yield ".end", f"at least {value['start']} (its start)", described(value["end"])


def _text_span(value: Value, text: Any) -> Iterator[Complaint]:
    start, end = value.get("start"), value.get("end")
    for key, offset in (("start", start), ("end", end)):
        if not _is_offset(offset):
            yield f".{key}", "a whole number from 0", described(offset)
    if not _is_offset(start) or not _is_offset(end):
        return
    if end < start:
        yield ".end", f"at least {start} (its start)", str(end)
    elif isinstance(text, str) and end > (length := utf16_length(text)):
        yield ".end", f"at most {length} (the length of the text)", str(end)


def _is_offset(value: Any) -> TypeGuard[int]:
    return type(value) is int and value >= 0


def utf16_length(text: str) -> int:
    """Return the length of `text` as browsers count it: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _text_area(value: Value) -> Iterator[Complaint]:
    given = value.get("text")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        yield ".text", "a list of texts", described(given)


def _rating(value: Value) -> Iterator[Complaint]:
    if type(value.get("rating")) is not int or value["rating"] < 0:
        yield ".rating", "a whole number of stars", described(value.get("rating"))


def _taxonomy(value: Value) -> Iterator[Complaint]:
    paths = value.get("taxonomy")
    if not isinstance(paths, list) or not all(isinstance(path, list) and path for path in paths):
        yield ".taxonomy", "a list of paths, each a list of texts", described(paths)


def _pairwise(value: Value) -> Iterator[Complaint]:
    if value.get("selected") not in ("left", "right"):
        yield ".selected", '"left" or "right"', described(value.get("selected"))


def _number(value: Value) -> Iterator[Complaint]:
    return _numbers(value, "number")


_Check = Callable[[Value], Iterator[Complaint]]

_ANSWERS: dict[str, _Check] = {
    "textarea": _text_area,
    "rating": _rating,
    "taxonomy": _taxonomy,
    "pairwise": _pairwise,
    "number": _number,
}

_SHAPES: dict[str, _Check] = {
    "rectangle": _rectangle,
    "ellipse": _ellipse,
    "polygon": _polygon,
    "keypoint": _keypoint,
    "brush": _brush,
}
