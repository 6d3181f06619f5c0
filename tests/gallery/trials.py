"""Tries templates in the real editor, several at once: what goes wrong, and which answer comes out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Error, Page, ViewportSize, async_playwright

from apps.labeling.templates import LabelingTemplate
from tests.browser import CSP_LISTENER, FLAGS, chromium
from tests.gallery.answering import Answering
from tests.gallery.editor import OpenEditor, open_template

PAGES_AT_ONCE = 2
TALL: ViewportSize = {"width": 1280, "height": 1300}  # all questions are in sight without scrolling
PATIENCE = 60_000  # milliseconds
PICTURES_ARE_THERE = "() => [...document.images].every((image) => image.complete)"


@dataclass
class Trial:
    """What happened to one template."""

    template: LabelingTemplate
    problems: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    """The names of the controls that were answered."""
    shown: str = ""
    """The text that could be read."""
    result: list[dict[str, Any]] = field(default_factory=list)
    """What was submitted."""


async def try_templates(address: str, templates: Iterable[LabelingTemplate]) -> dict[str, Trial]:
    """Open, answer and submit each template's sample task, and return what happened, by the templates' names."""
    waiting, trials = deque(templates), dict[str, Trial]()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        context = await browser.new_context(viewport=TALL)
        context.set_default_timeout(PATIENCE)
        await context.add_init_script(CSP_LISTENER)

        async def work() -> None:
            page = await context.new_page()  # for one template after the other: its scripts are compiled once
            while waiting:
                template = waiting.popleft()
                trials[template.name] = await _try(page, address, template)

        await asyncio.gather(*(work() for _ in range(PAGES_AT_ONCE)))
        await browser.close()
    return trials


async def _try(page: Page, address: str, template: LabelingTemplate) -> Trial:
    """Try one template; what keeps it from being answered becomes one of its problems."""
    trial = Trial(template)
    try:
        editor = await open_template(page, address, template)
    except Error as error:
        trial.problems.append(f"opening: {error.message}")
        return trial
    try:
        await page.wait_for_function(PICTURES_ARE_THERE)  # they push aside what stands behind them
        trial.shown = await editor.page.locator("#editor").inner_text()
        trial.asked = await Answering(editor.page, template.config).answer_all()
        trial.result = await _submitted(editor)
    except Error as error:
        trial.problems.append(f"answering: {error.message}")
    trial.problems += editor.problems
    await editor.leave()
    return trial


async def _submitted(editor: OpenEditor) -> list[dict[str, Any]]:
    """Press Submit and return the result that arrives; none where the editor refuses."""
    await editor.page.get_by_label("submit", exact=True).click()
    for _ in range(PATIENCE // 50):
        if messages := await editor.said("submit"):
            result: list[dict[str, Any]] = messages[-1]["result"]
            return result
        await asyncio.sleep(0.05)
    return []
