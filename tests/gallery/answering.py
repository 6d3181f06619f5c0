"""Answers a template's questions as a person would, with mouse and keyboard: the first option, a small region."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from lxml import etree
from playwright.async_api import Locator, Page

from tests.gallery.questions import Questions, is_per_region, options

Corner = tuple[float, float]
WORDS = """
(element) => {
  const text = element.contentDocument?.body ?? element;
  const walker = text.ownerDocument.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let node = walker.nextNode();
  while (node && node.data.trim().length < 5) node = walker.nextNode();
  const range = text.ownerDocument.createRange();
  const start = node.data.length - node.data.trimStart().length;
  range.setStart(node, start);
  range.setEnd(node, Math.min(node.data.trimEnd().length, start + 11));
  const { left, right, top, bottom } = range.getClientRects()[0];
  const frame = element.contentDocument ? element.getBoundingClientRect() : { left: 0, top: 0 };
  return { left: left + frame.left, right: right + frame.left, y: (top + bottom) / 2 + frame.top };
}
"""
HAS_WORDS = "(element) => (element.contentDocument?.body ?? element).textContent.trim().length >= 5"


class Answering:
    """Answers all questions of one page."""

    def __init__(self, page: Page, xml: str) -> None:
        self.page = page
        self.questions = Questions(xml)
        self.regions = 0

    async def answer_all(self) -> set[str]:
        """Answer every question that comes up and return the names of the controls answered."""
        answered = set()
        for control in self.questions.controls:
            if not is_per_region(control) and self.questions.visible(control):
                await self._answer(control)
                answered.add(str(control.get("name")))
        about_regions = [control for control in self.questions.controls if is_per_region(control)]
        if about_regions:
            await self.page.locator(".lsf-region-item__content, .lsf-region-item").first.click()
            self.questions.region_is_selected = True
        for control in about_regions:
            if self.questions.visible(control):
                await self._answer(control)
                answered.add(str(control.get("name")))
        return answered

    async def _answer(self, control: etree._Element) -> None:
        await ANSWERS[str(control.tag)](self, control)

    # --- Questions with an answer of their own ---------------------------------------------------------

    async def choose(self, control: etree._Element) -> None:
        value = options(control)[0]
        choice = self.page.locator(".ant-radio-wrapper, .ant-checkbox-wrapper").filter(
            has_text=_exactly(value)
        )
        await choice.nth(self.questions.option_place(control, value)).click()
        self.questions.chosen[str(control.get("name"))] = value

    async def rate(self, control: etree._Element) -> None:
        stars = self.page.locator("ul.ant-rate").nth(self.questions.place(control))
        await stars.locator("li").nth(2).click()

    async def write(self, control: etree._Element) -> None:
        fields = self.page.locator("form textarea, form input[type=text]:not([role])")
        entry = fields.nth(self.questions.place(control))
        await entry.fill("Seen and written down")
        await entry.press("Shift+Enter" if int(control.get("rows", "1")) > 1 else "Enter")
        if control.get("maxSubmissions") == "1":
            self.questions.full.add(str(control.get("name")))

    async def count(self, control: etree._Element) -> None:
        entry = self.page.locator("input[type=number]").nth(self.questions.place(control))
        await entry.fill("7")
        await entry.press("Tab")

    async def classify(self, control: etree._Element) -> None:
        await self.page.get_by_text(control.get("placeholder", "Click to add...")).click()
        await self.page.locator("input[type=checkbox]").first.click()
        await self.page.keyboard.press("Escape")

    async def prefer(self, control: etree._Element) -> None:
        shown = self.questions.target(control)
        left = self._text(shown) if shown.tag == "Text" else self._image(shown)
        await left.click(position={"x": 30, "y": 10})

    # --- Regions ---------------------------------------------------------------------------------------

    async def mark(self, control: etree._Element) -> None:
        """Choose the first label, then draw a region of the object's kind."""
        value = options(control)[0]
        label = self.page.locator(".lsf-label").filter(
            has=self.page.locator(".lsf-label__text", has_text=_exactly(value))
        )
        await label.nth(self.questions.option_place(control, value)).click()
        await MARKS[str(self.questions.target(control).tag)](self, control)
        self.regions += 1
        await self.page.keyboard.press("u")

    async def mark_text(self, control: etree._Element) -> None:
        await self._select(self._text(self.questions.target(control)))

    async def mark_dialogue(self, control: etree._Element) -> None:
        await self._select(self.page.locator("[class*=text--]").first)

    async def mark_sound(self, control: etree._Element) -> None:
        place = self.questions.object_place(self.questions.target(control), "Audio", "AudioPlus")
        wave = self.page.locator("wave").nth(place)
        await wave.locator("canvas").first.wait_for()
        await self._drag(wave, (0.2, 0.5), (0.35, 0.5))

    async def mark_series(self, control: etree._Element) -> None:
        place = self.questions.object_place(self.questions.target(control), "TimeSeries")
        channel = self.page.locator(".htx-timeseries").nth(place).locator(".htx-timeseries-channel svg").first
        await channel.wait_for()
        await self._drag(channel, (0.3, 0.5), (0.45, 0.5))

    async def mark_image(self, control: etree._Element) -> None:
        image = self._image(self.questions.target(control))
        await image.wait_for()
        left = 0.08 + 0.27 * (self.regions % 3)
        if control.tag == "KeyPointLabels":
            await self._click(image, (left, 0.3))
        elif control.tag == "PolygonLabels":
            for corner in ((left, 0.2), (left + 0.2, 0.25), (left + 0.15, 0.5), (left, 0.2)):
                await self._click(image, corner)
        else:
            await self._drag(image, (left, 0.2), (left + 0.2, 0.45))

    def _text(self, shown: etree._Element) -> Locator:
        place = self.questions.object_place(shown, "Text", "HyperText")
        return self.page.locator(".lsf-htx-richtext").nth(place)

    def _image(self, shown: etree._Element) -> Locator:
        return self.page.locator(".konvajs-content").nth(self.questions.object_place(shown, "Image"))

    async def _select(self, text: Locator) -> None:
        await text.wait_for()
        await self.page.wait_for_function(HAS_WORDS, arg=await text.element_handle())
        words = await text.evaluate(WORDS)
        await self._press((words["left"] + 1, words["y"]), (words["right"] - 1, words["y"]))

    async def _drag(self, element: Locator, start: Corner, end: Corner) -> None:
        await self._press(await _inside(element, start), await _inside(element, end))

    async def _click(self, element: Locator, corner: Corner) -> None:
        await self.page.mouse.click(*await _inside(element, corner))

    async def _press(self, start: Corner, end: Corner) -> None:
        mouse = self.page.mouse
        await mouse.move(*start)
        await mouse.down()
        await mouse.move(*end, steps=6)
        await mouse.up()


async def _inside(element: Locator, share: Corner) -> Corner:
    """Return a point of the page by its place within an element: (0, 0) is its left upper corner."""
    await element.scroll_into_view_if_needed()  # waits until it does not move
    box = await element.bounding_box()
    if box is None:
        raise ValueError(f"{element} is not shown")
    return box["x"] + share[0] * box["width"], box["y"] + share[1] * box["height"]


def _exactly(value: str) -> re.Pattern[str]:
    """Match the text of an option, with or without its hotkey."""
    return re.compile(rf"^\s*{re.escape(value)}\s*(\[.+\])?\s*$")


Act = Callable[[Answering, etree._Element], Awaitable[None]]
MARKS: dict[str, Act] = {
    "Text": Answering.mark_text,
    "HyperText": Answering.mark_text,
    "Paragraphs": Answering.mark_dialogue,
    "Audio": Answering.mark_sound,
    "AudioPlus": Answering.mark_sound,
    "TimeSeries": Answering.mark_series,
    "Image": Answering.mark_image,
}
ANSWERS: dict[str, Act] = {
    "Choices": Answering.choose,
    "Rating": Answering.rate,
    "TextArea": Answering.write,
    "Number": Answering.count,
    "Taxonomy": Answering.classify,
    "Pairwise": Answering.prefer,
    **dict.fromkeys(
        (
            "BrushLabels",
            "EllipseLabels",
            "HyperTextLabels",
            "KeyPointLabels",
            "Labels",
            "ParagraphLabels",
            "PolygonLabels",
            "RectangleLabels",
            "TimeSeriesLabels",
        ),
        Answering.mark,
    ),
}
