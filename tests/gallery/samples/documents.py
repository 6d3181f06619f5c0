"""page.png, invoice.png, document.pdf and page.html: papers and a web page of an invented town."""

from __future__ import annotations

from random import Random

from PIL import Image

from tests.gallery.samples.canvas import Canvas

INK, GREY = "#22252a", "#5b6068"
LINES = [
    ("Rye bread, 1 kg", "12", "4.20", "50.40"),
    ("Oat rolls, bag of ten", "8", "3.75", "30.00"),
    ("Plum cake", "2", "18.50", "37.00"),
]
PARAGRAPHS = [
    "The number of boats that call at the harbour has grown again this year. Most of them are small: sailing boats"
    " that stay for one night, and the ferries to the outer islands.",
    "For the first time the new quay was open for a whole season. Skippers praise its lighting, while the"
    " neighbours would like fewer lamps after midnight.",
]
BOATS = [
    ("", "2022", "2023"),
    ("Sailing boats", "1,204", "1,391"),
    ("Ferries", "730", "728"),
    ("Fishing boats", "318", "296"),
]


def page() -> Image.Image:
    """Return a scanned page of a report, 800 × 1035 pixels, with 16 shades of grey."""
    canvas = Canvas(800, 1035, "#fbfaf6")
    canvas.text(80, 70, "The harbour in 2023", 38, INK)
    canvas.text(80, 122, "Report of the harbour master to the town council", 17, GREY)
    y = canvas.paragraph(80, 175, 640, PARAGRAPHS[0], 17, INK)
    canvas.text(80, y + 16, "1  Boats", 25, INK)
    y = canvas.paragraph(80, y + 58, 640, PARAGRAPHS[1], 17, INK)
    _table(canvas, 80, y + 14)
    y += 190
    _chart(canvas, 80, y)
    canvas.text(80, y + 196, "Figure 1: Boats in each month, January to December", 14, GREY)
    for number, item in enumerate(
        ("Rebuild the slipway before May.", "Buy a second crane.", "Plant trees along the quay.")
    ):
        canvas.disc(90, y + 246 + number * 28, 3, INK)
        canvas.text(104, y + 235 + number * 28, item, 17, INK)
    canvas.text(388, 985, "- 7 -", 15, GREY)
    return _scanned(canvas.finished(), angle=0.5)


def _table(canvas: Canvas, x: float, y: float) -> None:
    for row, cells in enumerate(BOATS):
        top = y + row * 36
        if row == 0:
            canvas.box(x, top, 460, 36, "#dfe3e6")
        canvas.line([(x, top + 36), (x + 460, top + 36)], GREY, 1)
        for column, cell in enumerate(cells):
            canvas.text(x + (12, 250, 360)[column], top + 8, cell, 16, INK)


def _chart(canvas: Canvas, x: float, y: float) -> None:
    canvas.line([(x, y), (x, y + 180), (x + 640, y + 180)], INK, 2)
    for number, height in enumerate((18, 22, 40, 66, 102, 138, 160, 168, 120, 74, 34, 20)):
        canvas.box(x + 16 + number * 52, y + 180 - height, 34, height, "#7d8891")


def invoice() -> Image.Image:
    """Return a scanned invoice, 760 × 940 pixels, with 16 shades of grey."""
    canvas = Canvas(760, 940, "#fcfbf8")
    canvas.text(60, 56, "Harbour Bakery", 34, INK)
    canvas.text(60, 104, "3 Mill Lane, Elmstead", 16, GREY)
    canvas.text(500, 64, "INVOICE", 30, INK)
    canvas.text(500, 108, "No. 2024-0187", 17, INK)
    canvas.text(500, 134, "Date: 14 May 2024", 17, INK)
    canvas.text(60, 190, "To", 15, GREY)
    canvas.text(60, 212, "Cafe Lighthouse", 20, INK)
    canvas.text(60, 242, "21 Quay Road, Elmstead", 16, INK)
    _invoice_lines(canvas, 60, 320)
    for number, (name, amount) in enumerate(
        (("Sum", "117.40"), ("Tax 7 %", "8.22"), ("Total EUR", "125.62"))
    ):
        size = 22 if name.startswith("Total") else 17
        canvas.text(440, 530 + number * 40, name, size, INK)
        canvas.text(618, 530 + number * 40, amount, size, INK)
    canvas.line([(440, 600), (700, 600)], INK, 2)
    canvas.text(60, 730, "Please pay within 14 days to account DE00 1234 5678.", 16, INK)
    canvas.text(60, 760, "Thank you for your order!", 16, INK)
    canvas.arc((600, 790), (66, 66), (0, 360), "#8a8f96", 5)
    canvas.text(562, 778, "PAID", 28, "#8a8f96")
    return _scanned(canvas.finished(), angle=-0.4)


def _invoice_lines(canvas: Canvas, x: float, y: float) -> None:
    canvas.box(x, y, 640, 40, "#dfe3e6")
    for row, cells in enumerate([("Article", "Quantity", "Price", "Amount"), *LINES]):
        for column, cell in enumerate(cells):
            canvas.text(x + (14, 320, 440, 558)[column], y + 10 + row * 48, cell, 17, INK)
        canvas.line([(x, y + 40 + row * 48), (x + 640, y + 40 + row * 48)], "#adb5bd", 1)


def _scanned(image: Image.Image, angle: float) -> Image.Image:
    """Lay the paper a little askew on the glass, with a few specks of dust."""
    grey = image.convert("L").rotate(angle, Image.Resampling.BICUBIC, fillcolor=250)
    chance = Random(11)
    for _ in range(60):
        grey.putpixel(
            (chance.randrange(grey.width), chance.randrange(grey.height)), chance.randrange(120, 200)
        )
    return grey.quantize(16)


WEB_PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Harbour Bakery</title>
  <style>
    body { margin: 0; font: 16px/1.5 Georgia, serif; color: #3b2f25; background: #fffaf2 }
    header { padding: 28px 32px; background: #8a4b32; color: #fff4e6 }
    h1 { margin: 0; font-size: 30px } nav a { color: #ffe8cc; margin-right: 16px }
    main { display: flex; flex-wrap: wrap; gap: 24px; padding: 24px 32px }
    section { flex: 1 1 220px; padding: 16px; background: #fff; border: 1px solid #eadbc8; border-radius: 8px }
    h2 { margin-top: 0; font-size: 20px } footer { padding: 16px 32px; color: #6b5a48; font-size: 14px }
  </style>
</head>
<body>
  <header><h1>Harbour Bakery</h1><nav><a>Bread</a><a>Cakes</a><a>Opening hours</a></nav></header>
  <main>
    <section><h2>Fresh every morning</h2>
      <p>Our ovens are lit at two, and the first loaves are ready at half past five.</p></section>
    <section><h2>Rye of the week</h2>
      <p>Dark, with walnuts from the garden of the old mill. 4.20 a loaf.</p></section>
    <section><h2>Learn to bake</h2>
      <p>On Saturdays we show how to make a sourdough. Eight places, bring an apron.</p></section>
  </main>
  <footer>3 Mill Lane, Elmstead. Open Tuesday to Sunday from six to two.</footer>
</body>
</html>
"""
