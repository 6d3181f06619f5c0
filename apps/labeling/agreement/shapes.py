"""Boxes, polygons and ellipses on pictures, and how much of two of them is the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from PIL import Image, ImageChops, ImageDraw

from apps.labeling.agreement.counting import ordinary
from apps.labeling.agreement.sides import Item
from apps.labeling.regions import shape_of

Point = tuple[float, float]

ELLIPSE_POINTS = 64
GRID = 512
"""Outlines that are no upright boxes are compared on a grid of so many dots a side, stretched over both of them."""


class Shape:
    """An outline on a picture, in percent of its height on both axes."""

    __slots__ = ("__dict__", "is_box", "points")

    def __init__(self, points: Sequence[Point], *, is_box: bool) -> None:
        """Keep the corners of a shape; `is_box` says that it is an upright box."""
        self.points = points
        self.is_box = is_box

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        xs, ys = zip(*self.points, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def read_shape(value: dict[str, Any], aspect: float) -> Shape | None:
    """Return the outline that a result item's value describes; None where it has none, or no numbers.

    Args:
        aspect: the picture's width by its height: what is turned is turned in pixels, not in percent.
    """
    shape = shape_of(value)
    if shape == "polygon":
        return _polygon(value.get("points"), aspect)
    names = {"rectangle": ("x", "y", "width", "height"), "ellipse": ("x", "y", "radiusX", "radiusY")}.get(
        shape or ""
    )
    numbers = [ordinary(value.get(name)) for name in names or ()]
    known = [number for number in numbers if number is not None]
    if len(known) != 4 or min(known[2:]) <= 0:
        return None
    x, y, across, down = known
    turn = math.radians(ordinary(value.get("rotation")) or 0.0)
    if shape == "rectangle":
        steps = [(0.0, 0.0), (across, 0.0), (across, down), (0.0, down)]
    else:
        angles = [2 * math.pi * step / ELLIPSE_POINTS for step in range(ELLIPSE_POINTS)]
        steps = [(across * math.cos(angle), down * math.sin(angle)) for angle in angles]
    return Shape(
        [_turned(x * aspect, y, step[0] * aspect, step[1], turn) for step in steps],
        is_box=shape == "rectangle" and not turn,
    )


def _turned(x: float, y: float, right: float, below: float, turn: float) -> Point:
    cos, sin = math.cos(turn), math.sin(turn)
    return x + right * cos - below * sin, y + right * sin + below * cos


def _polygon(points: Any, aspect: float) -> Shape | None:
    if not isinstance(points, list) or len(points) < 3:
        return None
    found = []
    for point in points:
        pair = [ordinary(number) for number in point] if isinstance(point, list) and len(point) == 2 else []
        if len(pair) != 2 or pair[0] is None or pair[1] is None:
            return None
        found.append((pair[0] * aspect, pair[1]))
    return Shape(found, is_box=False)


def aspect_of(*sides: Sequence[Item]) -> float:
    """Return the width of a picture by its height, as the first item that tells it has it; else 1."""
    for item in (item for items in sides for item in items):
        width, height = ordinary(item.get("original_width")), ordinary(item.get("original_height"))
        if width and height and width > 0 and height > 0:
            return width / height
    return 1.0


def overlap(one: Shape, other: Shape) -> float:
    """Return the intersection of two shapes by their union, from 0 to 1.

    Of upright boxes it is exact, else as fine as `GRID`.
    """
    left, top = max(one.bounds[0], other.bounds[0]), max(one.bounds[1], other.bounds[1])
    right, bottom = min(one.bounds[2], other.bounds[2]), min(one.bounds[3], other.bounds[3])
    if right <= left or bottom <= top:
        return 0.0
    if one.is_box and other.is_box:
        common = (right - left) * (bottom - top)
        return common / (_area(one) + _area(other) - common)
    return _overlap_on_grid(one, other)


def _area(box: Shape) -> float:
    left, top, right, bottom = box.bounds
    return (right - left) * (bottom - top)


def _overlap_on_grid(one: Shape, other: Shape) -> float:
    left, top = min(one.bounds[0], other.bounds[0]), min(one.bounds[1], other.bounds[1])
    right, bottom = max(one.bounds[2], other.bounds[2]), max(one.bounds[3], other.bounds[3])
    scale = (GRID - 1) / (right - left), (GRID - 1) / (bottom - top)
    masks = [
        _mask([((x - left) * scale[0], (y - top) * scale[1]) for x, y in shape.points])
        for shape in (one, other)
    ]
    common = _dots(ImageChops.darker(*masks))
    return common / (_dots(masks[0]) + _dots(masks[1]) - common)


def _mask(points: Sequence[Point]) -> Image.Image:
    mask = Image.new("L", (GRID, GRID))
    ImageDraw.Draw(mask).polygon(points, fill=255)
    return mask


def _dots(mask: Image.Image) -> int:
    return mask.histogram()[255]
