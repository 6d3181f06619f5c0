"""Shapes on pictures in pixels, made out of the editor's percents."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from apps.exports.formats.tasks import Unwritable
from apps.labeling.regions import shape_of

Point = tuple[float, float]
ELLIPSE_POINTS = 64
MAX_NUMBER = 1e12
"""Far beyond any picture, and small enough that areas stay numbers."""


def outline(value: dict[str, Any], width: float, height: float) -> list[Point]:
    """Return the corners of a box, a polygon or an ellipse in pixels, not yet cut at the picture's edges.

    Args:
        width, height: of the picture in pixels.

    Raises:
        Unwritable: it is none of these, has no numbers, or no area.
    """
    shape = shape_of(value)
    if shape == "rectangle":
        points = _box(value, width, height)
    elif shape == "ellipse":
        points = _ellipse(value, width, height)
    elif shape == "polygon":
        points = _polygon(value, width, height)
    else:
        raise Unwritable("a shape that is no box, polygon or ellipse")
    if abs(signed_area(points)) < 1e-9:
        raise Unwritable("a shape without any area")
    return points


def is_rotated(value: dict[str, Any]) -> bool:
    """Whether a box or an ellipse is turned, so that its outline depends on the picture's proportions."""
    return bool(value.get("rotation")) and shape_of(value) in ("rectangle", "ellipse")


def number(value: dict[str, Any], key: str) -> float:
    """Return a number of a region's value.

    Raises:
        Unwritable: it is missing, or no finite number.
    """
    found = value.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float) or not _is_ordinary(found):
        raise Unwritable(f'a shape whose "{key}" is no number')
    return float(found)


def _is_ordinary(found: float) -> bool:
    """Whether it can be reckoned with: JSON holds integers too large for it."""
    return abs(found) < MAX_NUMBER  # also false for nan


def _turn(value: dict[str, Any]) -> float:
    return math.radians(number(value, "rotation")) if value.get("rotation") else 0.0


def _box(value: dict[str, Any], width: float, height: float) -> list[Point]:
    x, y = number(value, "x") * width / 100, number(value, "y") * height / 100
    across, down = number(value, "width") * width / 100, number(value, "height") * height / 100
    turn = _turn(value)
    if not turn:
        return [(x, y), (x + across, y), (x + across, y + down), (x, y + down)]
    cos, sin = math.cos(turn), math.sin(turn)  # round the upper left corner, clockwise on a screen
    return [
        (x + right * cos - below * sin, y + right * sin + below * cos)
        for right, below in ((0, 0), (across, 0), (across, down), (0, down))
    ]


def _ellipse(value: dict[str, Any], width: float, height: float) -> list[Point]:
    x, y = number(value, "x") * width / 100, number(value, "y") * height / 100
    across, down = number(value, "radiusX") * width / 100, number(value, "radiusY") * height / 100
    turn = _turn(value)
    cos, sin = math.cos(turn), math.sin(turn)
    points = []
    for step in range(ELLIPSE_POINTS):
        angle = 2 * math.pi * step / ELLIPSE_POINTS
        right, below = across * math.cos(angle), down * math.sin(angle)
        points.append((x + right * cos - below * sin, y + right * sin + below * cos))
    return points


def _polygon(value: dict[str, Any], width: float, height: float) -> list[Point]:
    points = value.get("points")
    if not isinstance(points, list) or len(points) < 3:
        raise Unwritable("a polygon of fewer than three points")
    try:
        found = [(float(x) * width / 100, float(y) * height / 100) for x, y in points]
    except (TypeError, ValueError, OverflowError) as error:
        raise Unwritable("a polygon whose points are no pairs of numbers") from error
    if not all(_is_ordinary(x) and _is_ordinary(y) for x, y in found):
        raise Unwritable("a polygon whose points are no pairs of numbers")
    return found


def signed_area(points: Sequence[Point]) -> float:
    """Return the area inside; negative when the points run counterclockwise on a screen."""
    total = 0.0
    before_x, before_y = points[-1]
    for x, y in points:
        total += before_x * y - x * before_y
        before_x, before_y = x, y
    return total / 2


def bounds(points: Sequence[Point]) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def cut(points: list[Point], width: float, height: float) -> list[Point]:
    """Return the part of a shape that lies on the picture.

    Raises:
        Unwritable: none of it does.
    """
    left, top, right, bottom = bounds(points)
    if left >= 0 and top >= 0 and right <= width and bottom <= height:
        return points
    for axis, limit, keep_below in ((0, 0.0, False), (0, width, True), (1, 0.0, False), (1, height, True)):
        points = _half(points, axis, limit, keep_below)
        if not points:
            break
    if len(points) < 3 or abs(signed_area(points)) < 1e-9:
        raise Unwritable("a shape that lies outside of the picture")
    return points


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
