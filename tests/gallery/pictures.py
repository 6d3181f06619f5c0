"""Pictures of the templates: each sample task in the real editor, answered, without the bars around it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable
from pathlib import Path

from PIL import Image
from playwright.async_api import BrowserContext, ViewportSize, async_playwright

from apps.labeling.templates import LabelingTemplate
from tests.browser import FLAGS, chromium
from tests.gallery import STATIC
from tests.gallery.editor import open_template

SIZE = (480, 300)
WINDOWS: list[ViewportSize] = [{"width": width, "height": width * 5 // 8} for width in (640, 720, 800, 960)]
"""The smallest that holds the whole template is taken, so that little of the picture stays empty."""
PIXEL_RATIO = 1.5
SETTLING = 1000  # milliseconds, for waveforms, videos and pictures to be drawn
QUALITY = 78
PAGES_AT_ONCE = 2
# The editor's own switch for labels on shapes, which people find in its settings.
SETTINGS = "localStorage.setItem('labelStudio:settings', JSON.stringify({ showLabels: true }))"
BARE = "#editor .ls-menu { display: none } #editor .ls-common { display: block; min-height: 100vh; background: #fff }"


async def take_pictures(address: str, templates: Iterable[LabelingTemplate], static: Path = STATIC) -> None:
    """Write the picture of each template as a WebP file.

    Args:
        address: where the label frame is served, without a path.
        static: the folder of static files; each template names its picture's place in it.

    Raises:
        RuntimeError: the editor could not show a template.
    """
    gate = asyncio.Semaphore(PAGES_AT_ONCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        # One context for all, so that the editor's scripts are compiled once.
        context = await browser.new_context(viewport=WINDOWS[0], device_scale_factor=PIXEL_RATIO)
        await context.add_init_script(SETTINGS)

        async def one(template: LabelingTemplate) -> None:
            async with gate:
                path = static / template.picture
                path.parent.mkdir(parents=True, exist_ok=True)
                picture = Image.open(io.BytesIO(await _screenshot(context, address, template)))
                small = picture.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
                small.save(path, quality=QUALITY, method=6)

        await asyncio.gather(*(one(template) for template in templates))
        await browser.close()


async def _screenshot(context: BrowserContext, address: str, template: LabelingTemplate) -> bytes:
    editor = await open_template(
        await context.new_page(), address, template, interfaces=(), result=template.answer
    )
    if editor.problems:
        raise RuntimeError(f"{template.name}: {'; '.join(editor.problems)}")
    await editor.page.add_style_tag(content=BARE)
    for window in WINDOWS:
        await editor.page.set_viewport_size(window)
        await editor.page.wait_for_timeout(SETTLING)
        content = await editor.page.locator(".lsf-main-view__annotation").bounding_box()
        if content and content["y"] + content["height"] <= window["height"]:
            break
    await editor.page.screenshot()  # the first after a change of size may show parts of it twice
    picture = await editor.page.screenshot()
    await editor.page.close()
    return picture
