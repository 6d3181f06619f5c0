"""How pages look: in which sizes and themes, what axe finds on them, and their screenshots."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

SCREENSHOTS = Path("test-results/pages")
LOOKS = [(1280, "light"), (390, "dark")]
WITH_SCREENSHOTS = os.environ.get("E2E_LOOKS") == "all"
if WITH_SCREENSHOTS:
    LOOKS += [(1280, "dark"), (390, "light")]

# Preloading fetches every style sheet again for rules that are off.
RUN = "options => axe.run({ resultTypes: ['violations'], preload: false, ...options }).then(found => found.violations)"
RUN_WITHIN = RUN.replace("axe.run(", "axe.run(options.within, ")

UNTIL_STILL = """async () => {
  const isEnding = (one) => one.playState === "running" && Number.isFinite(one.effect?.getComputedTiming().endTime);
  for (let moving = [true]; moving.length > 0; ) {
    moving = document.getAnimations().filter(isEnding);
    await Promise.allSettled(moving.map((one) => one.finished));
  }
}"""


def check(page: Page, name: str, width: int, theme: str) -> None:
    """Look for what axe finds and for sideways scrolling, and take the screenshot."""
    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    photograph(page, f"{name}-{width}-{theme}", full_page=True)
    expect_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def expect_accessible(page: Page, **options: Any) -> None:
    """Hold a page to axe's rules.

    Args:
        options: of `axe.run`, such as `iframes=False`; `within` is the selector of the only part to look at.
    """
    page.wait_for_load_state()
    page.evaluate(UNTIL_STILL)  # what fades has too little contrast meanwhile
    page.evaluate(AXE_SCRIPT)
    findings = page.evaluate(RUN_WITHIN if "within" in options else RUN, options)
    assert [(found["id"], [node["html"][:200] for node in found["nodes"]]) for found in findings] == []


def photograph(page: Page, name: str, *, full_page: bool = False) -> None:
    """Take a screenshot for people to look at, if E2E_LOOKS=all asks for all looks."""
    if WITH_SCREENSHOTS:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=full_page)
