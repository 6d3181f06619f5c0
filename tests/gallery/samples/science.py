"""cells.jpg, xray.jpg and aerial.jpg: a microscope's, an X-ray machine's and an aeroplane's view, all invented."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageFilter

from tests.gallery.samples.canvas import Canvas, Point

CELLS = [
    (110, 110, 52), (265, 90, 46), (420, 130, 56), (600, 95, 50), (715, 200, 48), (190, 240, 54), (350, 270, 50),
    (520, 255, 58), (660, 345, 46), (85, 370, 50), (240, 410, 52), (400, 420, 60), (560, 430, 48), (715, 490, 54),
    (130, 520, 46), (300, 545, 44), (480, 550, 46), (610, 545, 40),
]  # fmt: skip
DIVIDING, DAMAGED = {3, 10}, {6, 13}


def cells() -> Image.Image:
    """Return round cells under a microscope, 800 × 600 pixels."""
    chance = Random(3)
    canvas = Canvas(800, 600)
    canvas.gradient(0, 600, (244, 232, 238), (230, 214, 224))
    for number, (x, y, radius) in enumerate(CELLS):
        if number in DAMAGED:
            _damaged_cell(canvas, x, y, radius, chance)
        elif number in DIVIDING:
            _cell(canvas, x - radius * 0.45, y, radius * 0.72)
            _cell(canvas, x + radius * 0.45, y, radius * 0.72)
        else:
            _cell(canvas, x, y, radius)
    for _ in range(160):
        speck = chance.uniform(0, 800), chance.uniform(0, 600)
        canvas.disc(*speck, chance.uniform(0.8, 2.2), "#c9a9bd")
    return canvas.finished().filter(ImageFilter.GaussianBlur(0.8))


def _cell(canvas: Canvas, x: float, y: float, radius: float) -> None:
    canvas.oval(x, y, radius, radius * 0.9, "#b0628f")
    canvas.oval(x, y, radius * 0.93, radius * 0.83, "#d99fc0")
    canvas.oval(x - radius * 0.1, y + radius * 0.05, radius * 0.42, radius * 0.38, "#6f3a86")
    canvas.oval(x - radius * 0.2, y - radius * 0.05, radius * 0.14, radius * 0.12, "#9a66ae")


def _damaged_cell(canvas: Canvas, x: float, y: float, radius: float, chance: Random) -> None:
    outline = []
    for angle in (step * math.tau / 14 for step in range(14)):
        wide, high = radius * chance.uniform(0.7, 1.05), radius * chance.uniform(0.6, 0.95)
        outline.append((x + wide * math.cos(angle), y + high * math.sin(angle)))
    canvas.shape(outline, "#8f7a62")
    canvas.shape([((px - x) * 0.88 + x, (py - y) * 0.88 + y) for px, py in outline], "#c2b08f")
    for _ in range(7):
        px, py = x + chance.uniform(-0.4, 0.4) * radius, y + chance.uniform(-0.4, 0.4) * radius
        canvas.disc(px, py, radius * chance.uniform(0.06, 0.14), "#5b4a3a")


def xray() -> Image.Image:
    """Return the shadow of a chest, 720 × 720 pixels."""
    body = Canvas(720, 720, "black")
    body.shape(
        [(210, 0), (510, 0), (560, 90), (690, 170), (700, 720), (20, 720), (30, 170), (160, 90)], "#8f8f8f"
    )
    body.box(300, 0, 120, 140, "#a8a8a8", 30)
    for x, lean in ((220, -1), (500, 1)):
        body.shape(
            [
                (x - lean * 40, 120),
                (x + lean * 60, 180),
                (x + lean * 110, 400),
                (x + lean * 100, 600),
                (x - lean * 100, 560),
                (x - lean * 84, 300),
            ],
            "#2b2b2b",
        )
    soft = body.finished().filter(ImageFilter.GaussianBlur(16))
    bones = Canvas(720, 720, "black")
    for number in range(9):
        y = 150 + number * 52
        reach = 92 + number * 9
        for center, angles in (
            ((360 - 62 - reach / 2, y + 60), (185, 330)),
            ((360 + 62 + reach / 2, y + 60), (210, 355)),
        ):
            bones.arc(center, (reach, 74), angles, "#5c5c5c", 13)
    for number in range(15):
        bones.box(336, 30 + number * 46, 48, 38, "#6a6a6a", 9)
    for points in ([(350, 128), (250, 108), (110, 140)], [(370, 128), (470, 108), (610, 140)]):
        bones.line(points, "#7c7c7c", 17)
    bones.oval(420, 480, 104, 120, "#4f4f4f")
    bones.disc(238, 320, 17, "#6e6e6e")
    hard = bones.finished().filter(ImageFilter.GaussianBlur(4))
    return _added(soft, hard)


def _added(first: Image.Image, second: Image.Image) -> Image.Image:
    """Return the sum of two grey pictures, the second at three quarters of its light."""
    pairs = zip(first.convert("L").tobytes(), second.convert("L").tobytes(), strict=True)
    return Image.frombytes("L", first.size, bytes(min(255, a + b * 3 // 4) for a, b in pairs))


RIVER = [
    (0, 150),
    (120, 190),
    (230, 170),
    (340, 240),
    (430, 330),
    (560, 360),
    (680, 440),
    (760, 540),
    (800, 600),
]
FIELDS: list[tuple[list[Point], str, str, float]] = [
    ([(0, 0), (250, 0), (230, 130), (110, 160), (0, 120)], "#c8b560", "#bba750", 14),
    ([(250, 0), (520, 0), (500, 190), (390, 240), (240, 130)], "#86a651", "#7a9a47", 11),
    ([(530, 0), (900, 0), (900, 150), (520, 180)], "#d9c98a", "#cdbb78", 16),
    ([(0, 190), (200, 220), (180, 420), (0, 420)], "#9db765", "#90ab58", 10),
    ([(190, 430), (420, 380), (470, 600), (150, 600)], "#b98f55", "#ad8249", 13),
    ([(560, 220), (900, 190), (900, 420), (700, 400)], "#7f9f4c", "#739341", 12),
]  # fmt: skip


def aerial() -> Image.Image:
    """Return fields, a wood, a river, a road and houses from above, 900 × 600 pixels."""
    chance = Random(5)
    canvas = Canvas(900, 600, "#93ab66")
    for outline, color, furrow, step in FIELDS:
        canvas.shape(outline, color)
        _furrows(canvas, outline, furrow, step)
    _wood(canvas, chance, (0, 440, 150, 600), 170)
    _wood(canvas, chance, (640, 470, 900, 600), 220)
    canvas.line(RIVER, "#7fa8a0", 54)
    canvas.line(RIVER, "#3f7fae", 44)
    road = [(470, 600), (500, 420), (520, 300), (515, 150), (525, 0)]
    canvas.line(road, "#e9e4d8", 22)
    canvas.line(road, "#868e96", 15)
    canvas.line([(520, 300), (700, 310), (900, 290)], "#868e96", 11)
    for x, y, width, height in (
        (560, 240, 44, 30),
        (620, 236, 36, 34),
        (566, 322, 40, 28),
        (640, 326, 52, 32),
        (728, 240, 34, 40),
        (745, 330, 42, 30),
    ):
        _roof(canvas, x, y, width, height)
    return canvas.finished()


def _furrows(canvas: Canvas, outline: list[Point], color: str, step: float) -> None:
    """Draw lines across a field from one of its long sides to the other."""
    (ax, ay), (bx, by), (dx, dy), (cx, cy) = outline[0], outline[1], outline[-1], outline[2]
    count = round(math.dist((ax, ay), (bx, by)) / step)
    for number in range(1, count):
        share = number / count
        start = (ax + (bx - ax) * share, ay + (by - ay) * share)
        end = (dx + (cx - dx) * share, dy + (cy - dy) * share)
        canvas.line([start, end], color, 3)


def _wood(canvas: Canvas, chance: Random, area: tuple[int, int, int, int], trees: int) -> None:
    left, top, right, bottom = area
    for _ in range(trees):
        x, y, radius = chance.uniform(left, right), chance.uniform(top, bottom), chance.uniform(8, 15)
        canvas.disc(x + 3, y + 4, radius, "#24462a")
        canvas.disc(x, y, radius, chance.choice(["#2f6b38", "#377a41", "#2a5f33", "#43874a"]))


def _roof(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
    canvas.box(x + 5, y + 6, width, height, "#5c6650")
    canvas.box(x, y, width, height, "#a8432f")
    canvas.box(x, y, width, height / 2, "#c4593f")
    canvas.line([(x, y + height / 2), (x + width, y + height / 2)], "#7d2f20", 2)
