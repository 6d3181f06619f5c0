"""Where a result item lies in the data, and how much of it two of them share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Interval = tuple[float, float]

_BEYOND = 1e15


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the data: one interval of a text or a recording, two of a picture.

    Args:
        within: what the intervals count in; places within different things share nothing.
    """

    within: str
    intervals: tuple[Interval, ...]


def place_of(value: Any) -> Place | None:
    """Return the place that the value of an item marks; None for one about the whole task, or of no simple shape."""
    if not isinstance(value, dict):
        return None
    if (offsets := value.get("globalOffsets")) and isinstance(offsets, dict):
        return _span("text", offsets.get("start"), offsets.get("end"))
    if "startOffset" in value and "endOffset" in value:
        return _span(f"{value.get('start')} {value.get('end')}", value["startOffset"], value["endOffset"])
    if "start" in value and "end" in value:
        return _span("", value["start"], value["end"])
    return _on_picture(value)


def overlap_of(first: Place, second: Place) -> float:
    """Return the common part of two places in all that either of them covers, from 0 to 1."""
    if first.within != second.within or len(first.intervals) != len(second.intervals):
        return 0.0
    if first == second:
        return 1.0
    common = math.prod(
        max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
        for a, b in zip(first.intervals, second.intervals, strict=True)
    )
    together = _size(first) + _size(second) - common
    return common / together if 0 < together < math.inf else 0.0


def _size(place: Place) -> float:
    return math.prod(end - start for start, end in place.intervals)


def _span(within: str, start: Any, end: Any) -> Place | None:
    numbers = _numbers(start, end)
    return Place(within, ((min(numbers), max(numbers)),)) if numbers else None


def _on_picture(value: dict[str, Any]) -> Place | None:
    """Return the box round a shape; a brush has none."""
    if isinstance(points := value.get("points"), list):
        return _round_points(points)
    center = _numbers(value.get("x"), value.get("y"))
    if not center:
        return None
    x, y = center
    if radii := _numbers(value.get("radiusX"), value.get("radiusY")):
        return Place("picture", ((x - radii[0], x + radii[0]), (y - radii[1], y + radii[1])))
    if size := _numbers(value.get("width"), value.get("height")):
        return Place("picture", ((x, x + size[0]), (y, y + size[1])))
    half = (_numbers(value.get("width")) or (1.0,))[0] / 2
    return Place("picture", ((x - half, x + half), (y - half, y + half)))


def _round_points(points: list[Any]) -> Place | None:
    corners = [_numbers(*point) for point in points if isinstance(point, list) and len(point) == 2]
    drawn = [corner for corner in corners if corner]
    if not drawn:
        return None
    across, down = zip(*drawn, strict=True)
    return Place("picture", ((min(across), max(across)), (min(down), max(down))))


def _numbers(*values: Any) -> tuple[float, ...]:
    """Return values as numbers; nothing when one of them is none, or beyond all that data can hold."""
    if all(isinstance(value, int | float) and -_BEYOND < value < _BEYOND for value in values):
        return tuple(float(value) for value in values)
    return ()
