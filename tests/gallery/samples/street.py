"""photo.jpg: a street with houses, a bus, a car, people and a dog."""

from __future__ import annotations

from PIL import Image

from tests.gallery.samples.canvas import Canvas

PAVEMENT = 470


def street() -> Image.Image:
    """Return the picture, 960 × 640 pixels."""
    canvas = Canvas(960, 640)
    canvas.gradient(0, 400, (133, 189, 233), (224, 240, 250))
    canvas.disc(840, 80, 38, "#fff3bf")
    for x, y in ((140, 80), (520, 55), (700, 130)):
        _cloud(canvas, x, y)
    _house(canvas, 0, 150, 190, "#c98d6b", "#8a4b32")
    _house(canvas, 190, 90, 210, "#e3cfa4", "#6d5a3f")
    _house(canvas, 400, 170, 200, "#a9bcc9", "#4a5c6b")
    _house(canvas, 600, 110, 170, "#d8a7a0", "#84403a")
    _house(canvas, 770, 180, 190, "#c9cfa0", "#5d6537")
    _shop(canvas, 190)
    canvas.box(0, PAVEMENT - 40, 960, 60, "#c8c4bc")
    canvas.box(0, PAVEMENT + 14, 960, 6, "#a9a49b")
    canvas.gradient(PAVEMENT + 20, 640, (96, 99, 104), (74, 77, 82))
    canvas.dashes([(x, 568) for x in range(-20, 1000, 48)], "#f1f3f5", 6)
    for x in (60, 560, 905):
        _tree(canvas, x, PAVEMENT - 12)
    _sign(canvas, 470, PAVEMENT)
    _person(canvas, 640, PAVEMENT, "#c92a2a", "#343a40")
    _dog(canvas, 705, PAVEMENT)
    canvas.line([(652, 424), (690, 446)], "#5c3d1e", 2)
    _person(canvas, 350, PAVEMENT - 8, "#1971c2", "#5f3dc4")
    _bus(canvas, 90, 590)
    _car(canvas, 640, 620)
    return canvas.finished()


def _cloud(canvas: Canvas, x: float, y: float) -> None:
    for dx, dy, radius in ((0, 0, 26), (30, -12, 30), (62, 0, 24), (30, 8, 30)):
        canvas.disc(x + dx, y + dy, radius, "#ffffff")


def _house(canvas: Canvas, x: float, top: float, width: float, wall: str, roof: str) -> None:
    canvas.box(x, top, width, PAVEMENT - 30 - top, wall)
    canvas.shape([(x - 6, top), (x + width + 6, top), (x + width - 18, top - 42), (x + 18, top - 42)], roof)
    columns = round(width / 62)
    step = width / columns
    for row in range(round((PAVEMENT - 130 - top) / 78)):
        for column in range(columns):
            left, y = x + step * (column + 0.5) - 15, top + 24 + row * 78
            canvas.box(left - 3, y - 3, 36, 52, roof)
            canvas.box(left, y, 30, 46, "#cfe4f2" if (row + column) % 3 else "#ffe8a3")
            canvas.line([(left + 15, y), (left + 15, y + 46)], roof, 2)
            canvas.line([(left, y + 20), (left + 30, y + 20)], roof, 2)


def _shop(canvas: Canvas, x: float) -> None:
    canvas.box(x + 12, 340, 186, 90, "#5c4632")
    canvas.box(x + 22, 376, 90, 54, "#fff3d6")
    canvas.box(x + 130, 366, 46, 64, "#8fb3c7")
    for number in range(9):
        color = "#d9480f" if number % 2 == 0 else "#fff4e6"
        left = x + 8 + number * 21.5
        canvas.shape([(left, 352), (left + 21.5, 352), (left + 24, 376), (left - 2, 376)], color)
    canvas.box(x + 30, 322, 150, 28, "#3b2f25", 4)
    canvas.text(x + 62, 326, "BAKERY", 19, "#ffe8cc")


def _tree(canvas: Canvas, x: float, foot: float) -> None:
    canvas.box(x - 7, foot - 120, 14, 120, "#6b4a2b")
    for dx, dy, radius, color in (
        (-30, -140, 36, "#3f8f4a"),
        (30, -138, 38, "#37803f"),
        (0, -185, 44, "#4ba257"),
        (0, -140, 44, "#429349"),
    ):
        canvas.disc(x + dx, foot + dy, radius, color)


def _sign(canvas: Canvas, x: float, foot: float) -> None:
    canvas.box(x - 3, foot - 150, 6, 150, "#868e96")
    canvas.disc(x, foot - 160, 26, "#c92a2a")
    canvas.disc(x, foot - 160, 20, "#ffffff")
    canvas.text(x - 13, foot - 173, "30", 22)


def _person(canvas: Canvas, x: float, foot: float, coat: str, trousers: str) -> None:
    canvas.line([(x - 2, foot - 46), (x - 12, foot)], trousers, 9)
    canvas.line([(x + 2, foot - 46), (x + 11, foot)], trousers, 9)
    canvas.box(x - 13, foot - 98, 26, 56, coat, 10)
    canvas.line([(x - 9, foot - 88), (x - 19, foot - 54)], coat, 7)
    canvas.line([(x + 9, foot - 88), (x + 17, foot - 52)], coat, 7)
    canvas.disc(x, foot - 112, 13, "#e8b48f")
    canvas.arc((x, foot - 114), (13, 13), (180, 360), "#4a2f1b", 7)


def _dog(canvas: Canvas, x: float, foot: float) -> None:
    fur = "#8a5a2b"
    canvas.oval(x, foot - 26, 28, 12, fur)
    for dx in (-20, -12, 14, 22):
        canvas.line([(x + dx, foot - 22), (x + dx, foot)], fur, 6)
    canvas.disc(x + 32, foot - 40, 12, fur)
    canvas.oval(x + 43, foot - 36, 9, 6, fur)
    canvas.disc(x + 50, foot - 38, 3, "#212529")
    canvas.shape([(x + 24, foot - 48), (x + 32, foot - 52), (x + 22, foot - 34)], "#6b421c")
    canvas.line([(x - 26, foot - 30), (x - 42, foot - 48)], fur, 5)


def _bus(canvas: Canvas, x: float, foot: float) -> None:
    canvas.box(x, foot - 150, 400, 132, "#c92a2a", 16)
    canvas.box(x, foot - 70, 400, 12, "#f8f9fa")
    for number in range(6):
        canvas.box(x + 18 + number * 62, foot - 132, 52, 50, "#bcd7e8", 5)
    canvas.box(x + 328, foot - 132, 60, 108, "#bcd7e8", 5)
    canvas.line([(x + 358, foot - 132), (x + 358, foot - 24)], "#c92a2a", 4)
    canvas.text(x + 24, foot - 54, "12  Harbour / Old Town", 20, "#ffffff")
    canvas.box(x + 390, foot - 46, 10, 14, "#ffe066", 3)
    for dx in (80, 290):
        _wheel(canvas, x + dx, foot - 16, 28)


def _car(canvas: Canvas, x: float, foot: float) -> None:
    canvas.shape(
        [(x + 44, foot - 60), (x + 84, foot - 98), (x + 174, foot - 98), (x + 222, foot - 60)], "#1864ab"
    )
    canvas.shape(
        [(x + 60, foot - 62), (x + 90, foot - 90), (x + 124, foot - 90), (x + 124, foot - 62)], "#cfe4f2"
    )
    canvas.shape(
        [(x + 132, foot - 62), (x + 132, foot - 90), (x + 170, foot - 90), (x + 202, foot - 62)], "#cfe4f2"
    )
    canvas.box(x, foot - 64, 264, 46, "#1c7ed6", 16)
    canvas.box(x + 252, foot - 54, 12, 12, "#ffe066", 4)
    canvas.box(x, foot - 54, 8, 12, "#ff8787", 3)
    for dx in (60, 206):
        _wheel(canvas, x + dx, foot - 18, 24)


def _wheel(canvas: Canvas, x: float, y: float, radius: float) -> None:
    canvas.disc(x, y, radius, "#212529")
    canvas.disc(x, y, radius * 0.5, "#adb5bd")
    canvas.disc(x, y, radius * 0.18, "#495057")
