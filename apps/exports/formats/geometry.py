"""Shapes on pictures in pixels, made out of the editor's percents."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from math import floor
from typing import Any, NamedTuple

from apps.exports.formats.tasks import Unwritable
from apps.labeling.regions import shape_of

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""

ELLIPSE_POINTS = 64
MAX_NUMBER = 1e12
"""Far beyond any picture, and small enough that areas stay numbers."""
_LEAST_AREA = 1e-9
_NUMBERS = frozenset((int, float))


class Outline(NamedTuple):
    """The corners of a shape in pixels, the area inside, and the box around them."""

    points: list[Point]
    area: float
    box: Box


def outline(value: dict[str, Any], width: float, height: float) -> Outline:
    """Return the outline of a box, a polygon or an ellipse, not yet cut at the picture's edges.

    Args:
        width, height: of the picture in pixels.

    Raises:
        Unwritable: it is none of these, has no numbers, or no area.
    """
    shape = shape_of(value)
    if shape == "polygon":
        found = _polygon(value, width, height)
    elif shape == "rectangle":
        found = _outlined(_corners(value, width, height))
    elif shape == "ellipse":
        found = _outlined(_ellipse(value, width, height))
    else:
        raise Unwritable("a shape that is no box, polygon or ellipse")
    if not found.area >= _LEAST_AREA:  # also of nan
        raise Unwritable("a shape without any area")
    return found


def _outlined(points: list[Point]) -> Outline:
    return Outline(points, abs(signed_area(points)), bounds(points))


def upright_box(value: dict[str, Any], width: float, height: float) -> Box:
    """Return a box that is not turned, cut at the picture's edges.

    Args:
        width, height: of the picture in pixels.

    Raises:
        Unwritable: it has no numbers, no area, or lies outside of the picture.
    """
    left, top, across, down = _placed(value, "width", "height", width, height)
    right, bottom = left + across, top + down
    if across < 0:
        left, right = right, left
    if down < 0:
        top, bottom = bottom, top
    if (right - left) * (bottom - top) < _LEAST_AREA:
        raise Unwritable("a shape without any area")
    left, top = max(left, 0.0), max(top, 0.0)
    right, bottom = min(right, width), min(bottom, height)
    if right <= left or bottom <= top or (right - left) * (bottom - top) < _LEAST_AREA:
        raise Unwritable("a shape that lies outside of the picture")
    return left, top, right, bottom


def rounded(numbers: Iterable[float]) -> list[float]:
    """Return numbers to four places; round() takes four times as long, which shows in large exports."""
    return [floor(part * 10_000 + 0.5) / 10_000 for part in numbers]


def is_rotated(value: dict[str, Any]) -> bool:
    """Whether a box or an ellipse is turned, so that its outline depends on the picture's proportions."""
    return bool(value.get("rotation")) and shape_of(value) in ("rectangle", "ellipse")


def number(value: dict[str, Any], key: str) -> float:
    """Return a number of a region's value.

    Raises:
        Unwritable: it is missing, or no finite number.
    """
    found = value.get(key)
    # JSON holds integers too large to be reckoned with; the comparison is false for nan, too.
    if type(found) in _NUMBERS and -MAX_NUMBER < found < MAX_NUMBER:  # type: ignore[operator]
        return found  # type: ignore[return-value]
    raise Unwritable(f'a shape whose "{key}" is no number')


def _placed(
    value: dict[str, Any], across: str, down: str, width: float, height: float
) -> tuple[float, float, float, float]:
    """Return where a shape stands and how large it is, in pixels."""
    across_part, down_part = width / 100, height / 100
    return (
        number(value, "x") * across_part, number(value, "y") * down_part,
        number(value, across) * across_part, number(value, down) * down_part,
    )  # fmt: skip


def _turn(value: dict[str, Any]) -> float:
    return math.radians(number(value, "rotation")) if value.get("rotation") else 0.0


def _corners(value: dict[str, Any], width: float, height: float) -> list[Point]:
    x, y, across, down = _placed(value, "width", "height", width, height)
    turn = _turn(value)
    if not turn:
        return [(x, y), (x + across, y), (x + across, y + down), (x, y + down)]
    cos, sin = math.cos(turn), math.sin(turn)  # round the upper left corner, clockwise on a screen
    return [
        (x + right * cos - below * sin, y + right * sin + below * cos)
        for right, below in ((0, 0), (across, 0), (across, down), (0, down))
    ]


def _ellipse(value: dict[str, Any], width: float, height: float) -> list[Point]:
    x, y, across, down = _placed(value, "radiusX", "radiusY", width, height)
    turn = _turn(value)
    cos, sin = math.cos(turn), math.sin(turn)
    points = []
    for step in range(ELLIPSE_POINTS):
        angle = 2 * math.pi * step / ELLIPSE_POINTS
        right, below = across * math.cos(angle), down * math.sin(angle)
        points.append((x + right * cos - below * sin, y + right * sin + below * cos))
    return points


def _polygon(value: dict[str, Any], width: float, height: float) -> Outline:
    points = value.get("points")
    if not isinstance(points, list) or len(points) < 3:
        raise Unwritable("a polygon of fewer than three points")
    try:
        xs, ys = zip(*points, strict=True)
        left, right = _limits(xs)
        top, bottom = _limits(ys)
    except (TypeError, ValueError) as error:
        raise Unwritable("a polygon whose points are no pairs of numbers") from error
    across, down = width / 100, height / 100
    found = [(x * across, y * down) for x, y in zip(xs, ys, strict=True)]
    box = left * across, top * down, right * across, bottom * down
    return Outline(found, abs(signed_area(found)), box)


def _limits(values: Sequence[Any]) -> tuple[float, float]:
    """Return the least and the largest of some numbers.

    Raises:
        ValueError: not all are finite numbers.
    """
    if _NUMBERS.issuperset(map(type, values)):
        least, largest = min(values), max(values)
        if least > -MAX_NUMBER and largest < MAX_NUMBER:
            return least, largest
    raise ValueError(values)


def signed_area(points: Sequence[Point]) -> float:
    """Return the area inside; negative when the points run counterclockwise on a screen."""
    total = 0.0
    before_x, before_y = points[-1]
    for x, y in points:
        total += before_x * y - x * before_y
        before_x, before_y = x, y
    return total / 2


def bounds(points: Sequence[Point]) -> Box:
    """Return left, top, right and bottom."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def cut(shape: Outline, width: float, height: float) -> Outline:
    """Return the part of a shape that lies on the picture.

    Raises:
        Unwritable: none of it does.
    """
    left, top, right, bottom = shape.box
    if left >= 0 and top >= 0 and right <= width and bottom <= height:
        return shape
    points = shape.points
    for axis, limit, keep_below in ((0, 0.0, False), (0, width, True), (1, 0.0, False), (1, height, True)):
        points = _half(points, axis, limit, keep_below)
        if not points:
            break
    part = _outlined(points) if len(points) > 2 else None
    if part is None or part.area < _LEAST_AREA:
        raise Unwritable("a shape that lies outside of the picture")
    return part


def _half(points: list[Point], axis: int, limit: float, keep_below: bool) -> list[Point]:
    """Cut a shape along one line, after Sutherland and Hodgman."""
    inside: Callable[[Point], bool] = (
        (lambda point: point[axis] <= limit) if keep_below else (lambda point: point[axis] >= limit)
    )
    kept: list[Point] = []
    before = points[-1]
    for point in points:
        if inside(point) != inside(before):
            part = (limit - before[axis]) / (point[axis] - before[axis])
            crossing = [before[0] + part * (point[0] - before[0]), before[1] + part * (point[1] - before[1])]
            crossing[axis] = limit
            kept.append((crossing[0], crossing[1]))
        if inside(point):
            kept.append(point)
        before = point
    return kept
