"""room.jpg and face.jpg: a living room with a cat, and a portrait."""

from __future__ import annotations

from PIL import Image

from tests.gallery.samples.canvas import Canvas


def room() -> Image.Image:
    """Return the living room, 960 × 640 pixels."""
    canvas = Canvas(960, 640)
    canvas.gradient(0, 470, (236, 222, 198), (222, 204, 176))
    canvas.gradient(470, 640, (160, 112, 72), (126, 84, 50))
    for x in range(-40, 1000, 120):
        canvas.line([(480 + (x - 480) * 0.8, 470), (480 + (x - 480) * 1.25, 640)], "#8a5d38", 2)
    canvas.box(0, 460, 960, 12, "#f1e7d5")
    _window(canvas, 90, 70)
    _picture(canvas, 470, 80)
    canvas.oval(480, 592, 330, 40, "#a8433f")
    canvas.oval(480, 592, 290, 31, "#d98b6a")
    canvas.oval(480, 592, 240, 22, "#a8433f")
    _sofa(canvas, 330, 560)
    _cat(canvas, 560, 452)
    _lamp(canvas, 815, 560)
    _plant(canvas, 215, 565)
    return canvas.finished()


def _window(canvas: Canvas, x: float, y: float) -> None:
    canvas.box(x - 12, y - 12, 244, 284, "#f8f4ea", 4)
    canvas.box(x, y, 220, 260, "#9cc9ea")
    canvas.disc(x + 160, y + 60, 28, "#fff3bf")
    canvas.shape(
        [
            (x, y + 210),
            (x + 80, y + 150),
            (x + 150, y + 205),
            (x + 220, y + 170),
            (x + 220, y + 260),
            (x, y + 260),
        ],
        "#6fa76b",
    )
    canvas.box(x + 105, y, 10, 260, "#f8f4ea")
    canvas.box(x, y + 120, 220, 10, "#f8f4ea")
    for left in (x - 46, x + 222):
        canvas.shape(
            [(left, y - 26), (left + 44, y - 26), (left + 36, y + 320), (left + 6, y + 320)], "#5f8a8b"
        )
    canvas.box(x - 56, y - 34, 332, 10, "#6b4a2b", 4)


def _picture(canvas: Canvas, x: float, y: float) -> None:
    canvas.box(x, y, 200, 140, "#6b4a2b", 3)
    canvas.box(x + 12, y + 12, 176, 116, "#f3d9a4")
    canvas.shape([(x + 12, y + 128), (x + 70, y + 60), (x + 120, y + 128)], "#4a6c8c")
    canvas.shape([(x + 80, y + 128), (x + 136, y + 76), (x + 188, y + 128)], "#6d8fae")
    canvas.disc(x + 150, y + 44, 14, "#d9480f")


def _sofa(canvas: Canvas, x: float, foot: float) -> None:
    canvas.box(x + 20, foot - 210, 400, 130, "#37637c", 24)
    canvas.box(x, foot - 150, 64, 120, "#2f566d", 24)
    canvas.box(x + 376, foot - 150, 64, 120, "#2f566d", 24)
    canvas.box(x + 50, foot - 112, 172, 62, "#44768f", 12)
    canvas.box(x + 220, foot - 112, 172, 62, "#44768f", 12)
    canvas.box(x + 30, foot - 62, 380, 34, "#2f566d", 8)
    for dx in (44, 378):
        canvas.box(x + dx, foot - 30, 16, 30, "#5c3d1e")
    canvas.shape(
        [(x + 66, foot - 178), (x + 138, foot - 166), (x + 128, foot - 98), (x + 58, foot - 108)], "#e8b04a"
    )


def _cat(canvas: Canvas, x: float, y: float) -> None:
    fur, dark = "#d98032", "#a85a1a"
    canvas.oval(x, y - 26, 88, 34, fur)
    for dx in (-30, 0, 30):
        canvas.arc((x + dx, y - 24), (14, 32), (215, 300), dark, 6)
    canvas.arc((x + 66, y - 24), (46, 30), (-70, 90), fur, 15)
    canvas.disc(x - 78, y - 30, 29, fur)
    canvas.shape([(x - 104, y - 42), (x - 100, y - 76), (x - 80, y - 56)], fur)
    canvas.shape([(x - 74, y - 58), (x - 56, y - 76), (x - 52, y - 42)], fur)
    for dx in (-90, -66):
        canvas.arc((x + dx, y - 34), (7, 5), (10, 170), "#3b2412", 2.5)
    canvas.shape([(x - 82, y - 24), (x - 74, y - 24), (x - 78, y - 19)], "#7a3b2e")
    for dy in (-4, 0, 4):
        canvas.line([(x - 88, y - 20 + dy / 2), (x - 116, y - 20 + dy)], "#fff4e6", 1.2)
        canvas.line([(x - 68, y - 20 + dy / 2), (x - 42, y - 20 + dy)], "#fff4e6", 1.2)
    canvas.oval(x - 40, y - 4, 24, 9, fur)


def _lamp(canvas: Canvas, x: float, foot: float) -> None:
    canvas.disc(x, foot - 330, 110, "#f3e2b8")
    canvas.box(x - 4, foot - 320, 8, 320, "#495057")
    canvas.oval(x, foot, 44, 10, "#343a40")
    canvas.shape(
        [(x - 34, foot - 390), (x + 34, foot - 390), (x + 64, foot - 300), (x - 64, foot - 300)], "#f5c96a"
    )


def _plant(canvas: Canvas, x: float, foot: float) -> None:
    for angle, reach, color in (
        (-70, 90, "#2f7d3b"),
        (70, 90, "#37803f"),
        (-40, 130, "#3f9149"),
        (40, 126, "#348040"),
        (0, 150, "#4ba257"),
    ):
        tip = (x + angle * 1.1, foot - 70 - reach)
        canvas.shape(
            [
                (x - 8, foot - 70),
                (x + angle * 0.9 - 18, foot - 70 - reach * 0.55),
                tip,
                (x + angle * 0.5 + 18, foot - 70 - reach * 0.45),
                (x + 8, foot - 70),
            ],
            color,
        )
    canvas.shape([(x - 44, foot - 76), (x + 44, foot - 76), (x + 32, foot), (x - 32, foot)], "#b5562f")
    canvas.box(x - 48, foot - 86, 96, 16, "#c96a3f", 4)


def face() -> Image.Image:
    """Return the portrait, 640 × 640 pixels."""
    canvas = Canvas(640, 640)
    canvas.gradient(0, 640, (188, 214, 222), (140, 176, 190))
    canvas.oval(320, 300, 196, 236, "#3b2618")
    canvas.shape([(128, 300), (512, 300), (540, 560), (100, 560)], "#3b2618")
    canvas.oval(320, 690, 250, 170, "#8c3b52")
    canvas.box(270, 430, 100, 130, "#d69a76", 30)
    canvas.oval(320, 320, 146, 186, "#e8b48f")
    fringe = [
        (170, 268),
        (176, 190),
        (240, 130),
        (330, 116),
        (410, 134),
        (466, 196),
        (470, 268),
        (440, 214),
        (372, 184),
        (300, 176),
        (226, 206),
    ]
    canvas.shape(fringe, "#3b2618")
    for x in (256, 384):
        canvas.oval(x, 308, 30, 17, "#ffffff")
        canvas.disc(x, 308, 14, "#4a6c3a")
        canvas.disc(x, 308, 7, "#16100b")
        canvas.disc(x + 4, 303, 3, "#ffffff")
        canvas.arc((x, 308), (31, 18), (190, 350), "#4a2f1b", 4)
        canvas.arc((x, 282), (38, 16), (200, 340), "#3b2618", 8)
        canvas.oval(x + (x - 320) * 0.45, 380, 26, 16, "#e3a184")
    canvas.arc((312, 350), (30, 42), (-60, 70), "#b9785a", 4)
    canvas.arc((320, 384), (18, 10), (10, 170), "#b9785a", 4)
    canvas.shape([(268, 424), (300, 414), (320, 420), (340, 414), (372, 424), (320, 434)], "#b8434a")
    canvas.shape([(268, 424), (320, 430), (372, 424), (345, 448), (320, 453), (295, 448)], "#cf5a5f")
    canvas.arc((320, 484), (30, 14), (200, 340), "#d69a76", 3)
    return canvas.finished()
