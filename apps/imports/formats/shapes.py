"""Boxes and polygons on images, in percent of the image's size, as the editor keeps them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from PIL import Image

from apps.imports.formats.answers import VALUE_KEYS, Result, control_for, result_item
from apps.imports.formats.format import ReadOptions, UnreadableFile
from apps.labeling.config import ControlTag

Points = Sequence[tuple[float, float]]
_LARGEST_SIDE = 1_000_000


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height of an image in pixels."""

    width: int
    height: int


def size_of(stream: IO[bytes]) -> Size | None:
    """Return the size that an image's header tells, without decoding the image; None when it is no image."""
    try:
        with Image.open(stream) as image:
            return Size(*image.size)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    finally:
        stream.seek(0)


def checked_size(width: Any, height: Any) -> Size:
    """Return the size of an image as a file tells it.

    Raises:
        ValueError: no sizes of an image.
    """
    try:
        size = Size(int(width), int(height))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("the image's width and height are missing or no numbers") from error
    if not (0 < size.width <= _LARGEST_SIDE and 0 < size.height <= _LARGEST_SIDE):
        raise ValueError(f"the image's size cannot be {size.width} × {size.height}")
    return size


@dataclass(frozen=True, slots=True)
class ShapeControls:
    """The controls that take boxes and polygons; either takes the other's shapes when it is alone."""

    boxes: ControlTag | None
    polygons: ControlTag | None

    @classmethod
    def of(cls, options: ReadOptions) -> ShapeControls:
        """Return the config's.

        Raises:
            UnreadableFile: it has neither.
        """
        named = options.config.controls.get(options.control)
        only = named.type if named and named.type in ("RectangleLabels", "PolygonLabels") else None
        boxes = None if only == "PolygonLabels" else control_for(options, "RectangleLabels")
        polygons = None if only == "RectangleLabels" else control_for(options, "PolygonLabels")
        if boxes is None and polygons is None:
            raise UnreadableFile(
                "The file holds shapes on images, and the labeling config has no <RectangleLabels> or <PolygonLabels>"
                " to take them. Add one."
            )
        return cls(boxes, polygons)

    @property
    def any(self) -> ControlTag:
        """One of the two; both are taken to be about the same image."""
        control = self.boxes or self.polygons
        assert control is not None, "`of` looks that there is one"  # noqa: S101 - for the type checker
        return control

    def box(self, number: int, corner: tuple[float, float], extent: tuple[float, float], label: str,
            size: Size | None, rotation: float = 0.0) -> Result:  # fmt: skip
        """Return a box.

        Args:
            corner, extent: its upper left corner, and width and height, in percent of the image.
            rotation: clockwise round the corner, in degrees.
        """
        if self.boxes is None:
            (x, y), (width, height) = corner, extent
            return self.polygon(
                number, [(x, y), (x + width, y), (x + width, y + height), (x, y + height)], label, size
            )
        value = {
            "x": _tidy(corner[0]),
            "y": _tidy(corner[1]),
            "width": _tidy(extent[0]),
            "height": _tidy(extent[1]),
        }
        return _shape(self.boxes, number, value | {"rotation": _tidy(rotation)}, label, size)

    def polygon(self, number: int, points: Points, label: str, size: Size | None) -> Result:
        """Return a polygon; its box where the config has no polygons."""
        if self.polygons is None:
            left, top = min(x for x, _ in points), min(y for _, y in points)
            extent = (max(x for x, _ in points) - left, max(y for _, y in points) - top)
            return self.box(number, (left, top), extent, label, size)
        value = {"points": [[_tidy(x), _tidy(y)] for x, y in points], "closed": True}
        return _shape(self.polygons, number, value, label, size)


def _shape(control: ControlTag, number: int, value: dict[str, Any], label: str, size: Size | None) -> Result:
    more = {"original_width": size.width, "original_height": size.height, "image_rotation": 0} if size else {}
    return result_item(control, number, value | {VALUE_KEYS[control.type]: [label]}, **more)


def _tidy(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("a coordinate is no finite number")
    return round(number, 6)
