"""Drawing with smooth edges: everything is drawn three times as large and scaled down at the end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

SCALE = 3
Color = str | tuple[int, int, int]
Point = tuple[float, float]


class Canvas:
    """A picture in the making; all lengths are pixels of the finished picture."""

    def __init__(self, width: int, height: int, color: Color = "white") -> None:
        self.size = (width, height)
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), color)
        self.draw = ImageDraw.Draw(self.image)

    def finished(self) -> Image.Image:
        """Return the picture in its own size."""
        return self.image.resize(self.size, Image.Resampling.LANCZOS)

    def box(self, x: float, y: float, width: float, height: float, color: Color, radius: float = 0) -> None:
        """Fill a rectangle, with rounded corners if asked."""
        corners = _scaled((x, y), (x + width, y + height))
        self.draw.rounded_rectangle(corners, radius * SCALE, fill=color)

    def oval(self, x: float, y: float, radius_x: float, radius_y: float, color: Color) -> None:
        """Fill an ellipse around (x, y)."""
        self.draw.ellipse(_scaled((x - radius_x, y - radius_y), (x + radius_x, y + radius_y)), fill=color)

    def disc(self, x: float, y: float, radius: float, color: Color) -> None:
        """Fill a circle around (x, y)."""
        self.oval(x, y, radius, radius, color)

    def shape(self, points: Sequence[Point], color: Color) -> None:
        """Fill a polygon."""
        self.draw.polygon(_scaled(*points), fill=color)

    def line(self, points: Sequence[Point], color: Color, width: float = 1) -> None:
        """Draw a polyline with round joints."""
        self.draw.line(_scaled(*points), fill=color, width=round(width * SCALE), joint="curve")

    def arc(
        self, center: Point, radii: Point, angles: tuple[float, float], color: Color, width: float = 1
    ) -> None:
        """Draw a part of an ellipse; angles in degrees, clockwise from three o'clock."""
        (x, y), (radius_x, radius_y) = center, radii
        corners = _scaled((x - radius_x, y - radius_y), (x + radius_x, y + radius_y))
        self.draw.arc(corners, *angles, fill=color, width=round(width * SCALE))

    def gradient(self, top: float, bottom: float, first: Sequence[int], last: Sequence[int]) -> None:
        """Fill a band over the whole width with colours that change from the top to the bottom."""
        start, end = round(top * SCALE), round(bottom * SCALE)
        for y in range(start, end):
            share = (y - start) / max(1, end - start - 1)
            color = tuple(round(a + (b - a) * share) for a, b in zip(first, last, strict=True))
            self.draw.line([(0, y), (self.image.width, y)], fill=color)

    def text(self, x: float, y: float, text: str, size: float, color: Color = "#212529") -> None:
        """Write ASCII with the font that Pillow carries, so that every machine writes the same."""
        font = ImageFont.load_default(size * SCALE)
        self.draw.text((x * SCALE, y * SCALE), text, fill=color, font=font)

    def paragraph(self, x: float, y: float, width: float, text: str, size: float, color: Color) -> float:
        """Write lines of at most `width` pixels and return where the next line would begin."""
        font = ImageFont.load_default(size * SCALE)
        line = ""
        for word in [*text.split(), ""]:
            longer = f"{line} {word}".strip()
            if word and self.draw.textlength(longer, font=font) <= width * SCALE:
                line = longer
                continue
            self.text(x, y, line, size, color)
            line, y = word, y + size * 1.45
        return y

    def dashes(self, points: Sequence[Point], color: Color, width: float) -> None:
        """Draw every second stretch between the points."""
        for number, stretch in enumerate(pairwise(points)):
            if number % 2 == 0:
                self.line(stretch, color, width)


def _scaled(*points: Point) -> list[tuple[float, float]]:
    return [(x * SCALE, y * SCALE) for x, y in points]
