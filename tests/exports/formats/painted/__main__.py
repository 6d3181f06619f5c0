"""`python -m tests.exports.formats.painted`: paints in the shipped editor and keeps what it stores, with the mask.

The mask is read where the editor itself reads it, before it encodes anything: from the canvas it paints the region on.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
from pathlib import Path
from typing import Any

import django
from PIL import Image
from playwright.async_api import Page, async_playwright

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "label_studio_server.settings.test")
django.setup()

# Django's settings must stand before what serves the frame is loaded.
from apps.labeling.templates import find_template  # noqa: E402
from tests.browser import FLAGS, chromium  # noqa: E402
from tests.gallery.editor import OPEN, OpenEditor  # noqa: E402
from tests.gallery.serving import served  # noqa: E402
from tests.gallery.trials import TALL  # noqa: E402

FOLDER = Path(__file__).parent
WIDTH, HEIGHT = 120, 75
STROKES = (
    ((0.1, 0.2), (0.5, 0.35), (0.8, 0.15)),  # through the picture
    ((0.3, 0.6), (0.99, 0.98)),  # over the corner
    ((0.01, 0.4), (0.01, 0.9)),  # along the edge
)
CONFIG = """
<View>
  <BrushLabels name="mask" toName="image"><Label value="Cat"/><Label value="Dog"/></BrushLabels>
  <Image name="image" value="$image"/>
</View>
"""
KEEP_ALPHA = """
const read = CanvasRenderingContext2D.prototype.getImageData;
CanvasRenderingContext2D.prototype.getImageData = function (x, y, width, height, ...more) {
  const pixels = read.call(this, x, y, width, height, ...more);
  if (width === %d && height === %d) window.alpha = Array.from(pixels.data.filter((_, place) => place %% 4 === 3));
  return pixels;
};
"""


async def paint(address: str) -> tuple[dict[str, Any], list[int]]:
    """Return the region that the editor stores for `STROKES`, and the alpha of each of its pixels."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = await browser.new_page(viewport=TALL)
        await page.add_init_script(KEEP_ALPHA % (WIDTH, HEIGHT))
        editor = await _opened(page, address)
        await page.locator(".lsf-label").first.click()
        box = await page.locator(".konvajs-content").bounding_box()
        assert box is not None
        for stroke in STROKES:
            await _drag(
                page, [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
            )
        [region] = await editor.result()
        alpha: list[int] = await page.evaluate("window.alpha")
        await browser.close()
    return region, alpha


async def _opened(page: Page, address: str) -> OpenEditor:
    template = find_template("image_brushes")
    assert template is not None
    await page.goto(f"{address}/label/frame")
    order = {
        "type": "open",
        "task": {"id": 1, "data": {"image": _picture()}},
        "config": CONFIG,
        "interfaces": ["panel", "controls", "submit", "side-column"],
        "person": {"id": 1, "firstName": "Ada", "lastName": "", "email": "ada@example.com"},
        "answer": None,
        "predictions": [],
    }
    await page.evaluate(OPEN, order)
    await page.locator(".konvajs-content").wait_for()
    return OpenEditor(page, template, address)


def _picture() -> str:
    file = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), "steelblue").save(file, format="PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


async def _drag(page: Page, points: list[tuple[float, float]]) -> None:
    await page.mouse.move(*points[0])
    await page.mouse.down()
    for point in points[1:]:
        await page.mouse.move(*point, steps=8)
    await page.mouse.up()


def main() -> None:
    """Write region.json and mask.png."""
    with served() as address:
        region, alpha = asyncio.run(paint(address))
    (FOLDER / "region.json").write_text(json.dumps(region) + "\n")
    Image.frombytes("L", (WIDTH, HEIGHT), bytes(alpha)).save(FOLDER / "mask.png")


if __name__ == "__main__":
    main()
