"""Whether the places that result items mark can exist: on a picture, in a text, in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from apps.labeling.config import LabelingConfig, ObjectTag
from apps.labeling.kinds import is_number, kind_of
from apps.labeling.task_data import value_at

TOLERANCE = 0.5
"""In percent: people draw a little over the edge, and other tools round."""

SECONDS_TOLERANCE = 0.5

Complaint = tuple[str, str]
"""The path below `value`, such as `.x`, and what is wrong there."""


def utf16_length(text: str) -> int:
    """Return the length of `text` as browsers count it: emoji are two."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, start: int, end: int | None) -> str:
    """Return a part of `text` by offsets as browsers count them."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    return encoded[2 * start : None if end is None else 2 * end].decode("utf-16-le", "replace")


def shape_of(value: dict[str, Any]) -> str | None:
    """Return which shape on a picture `value` describes; None when it describes none."""
    if "points" in value:
        return "polygon"
    if "rle" in value or "touches" in value:
        return "brush"
    if "radiusX" in value or "radiusY" in value:
        return "ellipse"
    if "x" in value:
        return "rectangle" if "height" in value else "keypoint"
    return None


def region_complaints(
    config: LabelingConfig, region: str, shown: ObjectTag, item: dict[str, Any], data: dict[str, Any] | None
) -> Iterator[Complaint]:
    """Yield what is wrong with the place that `item` marks in `shown`.

    Args:
        region: the kind of place, as the registry names it.
        data: the task's data; without it, nothing is compared with it.
    """
    value = item["value"]
    content = None if data is None else _content(config, shown, data)
    if shown.type == "Image":
        shape = shape_of(value) if region == "span" else region
        yield from _SHAPES[shape](value) if shape else iter([("", "marks no place on the picture")])
    elif shown.type == "AudioPlus":
        yield from _sound(item, value)
    elif shown.type == "Paragraphs":
        yield from _paragraphs(value, content)
    elif shown.type == "TimeSeries":
        yield from _order(value, (int, float, str))
    elif shown.type == "HyperText":
        yield from _html(value)
    else:
        yield from _text(value, content)


def _content(config: LabelingConfig, shown: ObjectTag, data: dict[str, Any]) -> Any:
    """Return what the task shows there; None when that cannot be told from the data alone."""
    need = config.contents.get(shown.name)
    return None if need is None else value_at(data, need)


def _numbers(value: dict[str, Any], *keys: str) -> Iterator[Complaint]:
    for key in keys:
        if key not in value:
            yield f".{key}", "is missing"
        elif not is_number(value[key]):
            yield f".{key}", f"must be a number, not {kind_of(value[key])}"


def _percents(value: dict[str, Any], *keys: str) -> Iterator[Complaint]:
    for key in keys:
        number = value.get(key)
        if is_number(number) and not -TOLERANCE <= number <= 100 + TOLERANCE:
            yield f".{key}", f"must be from 0 to 100 percent, not {number:g}"


def _rectangle(value: dict[str, Any]) -> Iterator[Complaint]:
    wrong = list(_numbers(value, "x", "y", "width", "height"))
    yield from wrong
    if wrong or value.get("rotation"):  # the corner of a turned rectangle may lie outside
        return
    yield from _percents(value, "x", "y", "width", "height")
    for start, size in (("x", "width"), ("y", "height")):
        if value[start] <= 100 and value[size] <= 100 and value[start] + value[size] > 100 + TOLERANCE:
            yield (
                f".{size}",
                f"reaches to {value[start] + value[size]:g} percent, over the edge of the picture",
            )


def _ellipse(value: dict[str, Any]) -> Iterator[Complaint]:
    yield from _numbers(value, "x", "y", "radiusX", "radiusY")
    yield from _percents(value, "x", "y", "radiusX", "radiusY")


def _polygon(value: dict[str, Any]) -> Iterator[Complaint]:
    points = value.get("points")
    if not isinstance(points, list) or len(points) < 2:
        yield ".points", "must be a list of points"
        return
    for index, point in enumerate(points):
        if not (isinstance(point, list) and len(point) == 2 and all(map(is_number, point))):
            yield f".points[{index}]", "must be a list of two numbers"
        elif not all(-TOLERANCE <= number <= 100 + TOLERANCE for number in point):
            yield f".points[{index}]", f"must be from 0 to 100 percent, not {point[0]:g}, {point[1]:g}"


def _keypoint(value: dict[str, Any]) -> Iterator[Complaint]:
    yield from _numbers(value, "x", "y", "width")
    yield from _percents(value, "x", "y")


def _brush(value: dict[str, Any]) -> Iterator[Complaint]:
    if "touches" in value:
        return
    if value.get("format") != "rle":
        yield ".format", 'must be "rle"'
    rle = value.get("rle")
    if not isinstance(rle, list) or not all(type(byte) is int and 0 <= byte <= 255 for byte in rle):
        yield ".rle", "must be a list of numbers from 0 to 255"


_SHAPES: dict[str, Callable[[dict[str, Any]], Iterator[Complaint]]] = {
    "rectangle": _rectangle,
    "ellipse": _ellipse,
    "polygon": _polygon,
    "keypoint": _keypoint,
    "brush": _brush,
}


def _order(value: dict[str, Any], types: tuple[type, ...]) -> Iterator[Complaint]:
    wrong = False
    for key in ("start", "end"):
        given = value.get(key)
        if key not in value:
            wrong = True
            yield f".{key}", "is missing"
        elif not isinstance(given, types) or isinstance(given, bool):
            wrong = True
            yield f".{key}", f"must be a number, not {kind_of(given)}"
    if not wrong and is_number(value["start"]) and is_number(value["end"]) and value["start"] > value["end"]:
        yield ".end", f"comes before the start: {value['end']:g} is less than {value['start']:g}"


def _sound(item: dict[str, Any], value: dict[str, Any]) -> Iterator[Complaint]:
    yield from _order(value, (int, float))
    start, end, length = value.get("start"), value.get("end"), item.get("original_length")
    if is_number(start) and start < 0:
        yield ".start", f"must be 0 seconds or more, not {start:g}"
    if is_number(end) and is_number(length) and end > length + SECONDS_TOLERANCE:
        yield ".end", f"lies behind the end of the sound: {end:g} of {length:g} seconds"


def _text(value: dict[str, Any], content: Any) -> Iterator[Complaint]:
    yield from _order(value, (int,))
    if not isinstance(content, str | int | float):
        return
    length = utf16_length(str(content))
    for key in ("start", "end"):
        offset = value.get(key)
        if type(offset) is int and not 0 <= offset <= length:
            yield f".{key}", f"lies outside the text of {length} characters: {offset}"


def _html(value: dict[str, Any]) -> Iterator[Complaint]:
    for key in ("start", "end"):
        if not isinstance(value.get(key), str):
            yield f".{key}", "must be a path to an element (XPath)"
    yield from _offsets(value)


def _offsets(value: dict[str, Any]) -> Iterator[Complaint]:
    for key in ("startOffset", "endOffset"):
        offset = value.get(key)
        if type(offset) is not int or offset < 0:
            yield f".{key}", "must be a number of characters, 0 or more"


def paragraph_index(value: Any) -> int | None:
    """Return which paragraph `value` names, be it a number or a text of digits; None when it names none."""
    text = str(value)
    return int(text[:9]) if not isinstance(value, bool) and text.isdecimal() and text.isascii() else None


def _paragraphs(value: dict[str, Any], content: Any) -> Iterator[Complaint]:
    count = len(content) if isinstance(content, list) else None
    for key in ("start", "end"):
        index = paragraph_index(value.get(key))
        if index is None:
            yield f".{key}", "must be the number of a paragraph, from 0"
        elif count is not None and index >= count:
            yield f".{key}", f"names paragraph {index}, but the dialogue has {count}"
    yield from _offsets(value)
