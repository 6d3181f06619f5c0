"""A template's sample task in the real editor: the frame that the label page uses, opened as a page of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from playwright.async_api import ConsoleMessage, Error, Page, Request, Response

from apps.labeling.templates import LabelingTemplate

INTERFACES = (
    "panel",
    "topbar",
    "controls",
    "submit",
    "update",
    "side-column",
    "annotations:current",
    "edit-history",
)
# At the top of a tab, a window is its own parent: it may hand the frame its end of the channel itself.
OPEN = """
(order) => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("the editor did not open")), 60000);
  const { port1, port2 } = new MessageChannel();
  window.said = [];
  window.tell = (message) => port1.postMessage(message);
  port1.onmessage = ({ data }) => {
    window.said.push(data);
    if (data.type === "opened" || data.type === "failed") resolve();
  };
  window.postMessage("label-studio:connect", location.origin, [port2]);
  port1.postMessage(order);
})
"""


@dataclass
class OpenEditor:
    """A page with a template in the editor, and what went wrong on it until it was left."""

    page: Page
    template: LabelingTemplate
    address: str
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._on_console)
        self.page.on("pageerror", self._on_error)
        self.page.on("request", self._on_request)
        self.page.on("response", self._on_response)

    async def leave(self) -> None:
        """Say that all is saved, so that the page may show another template."""
        await self.page.evaluate("window.tell?.({ type: 'saved', id: 1 })")
        self.page.remove_listener("console", self._on_console)
        self.page.remove_listener("pageerror", self._on_error)
        self.page.remove_listener("request", self._on_request)
        self.page.remove_listener("response", self._on_response)

    async def said(self, kind: str) -> list[dict[str, Any]]:
        """Return the frame's messages of one kind."""
        messages: list[dict[str, Any]] = await self.page.evaluate("window.said")
        return [message for message in messages if message["type"] == kind]

    async def result(self) -> list[dict[str, Any]]:
        """Return what would be saved now."""
        script = "JSON.parse(JSON.stringify(Htx.annotationStore.selected.serializeAnnotation()))"
        items: list[dict[str, Any]] = await self.page.evaluate(script)
        return items

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _on_error(self, error: Error) -> None:
        self.problems.append(f"page error: {error.message}")

    def _on_request(self, request: Request) -> None:
        # The browser's own PDF viewer loads its parts from within the browser.
        inside = ("data:", "blob:", "about:", "chrome:", "chrome-extension:")
        if not request.url.startswith((f"{self.address}/", *inside)):
            self.problems.append(f"outside request: {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")


async def open_template(
    page: Page,
    address: str,
    template: LabelingTemplate,
    *,
    interfaces: tuple[str, ...] = INTERFACES,
    result: list[dict[str, Any]] | None = None,
) -> OpenEditor:
    """Open the template's sample task and wait until the editor shows it or has failed.

    Args:
        page: a page of its own for the editor; it may have shown another template before.
        address: where the product is served, without a path.
        result: the answer to start with.
    """
    editor = OpenEditor(page, template, address)
    await page.goto(address + reverse("label-frame", "tests.gallery.urls"))
    person = {"id": 1, "firstName": "Ada", "lastName": "", "email": "ada@example.com"}
    order = {
        "type": "open",
        "task": {"id": 1, "data": template.task},
        "config": template.config,
        "interfaces": list(interfaces),
        "person": person,
        "answer": {"id": 1, "result": result, "skipped": False} if result else None,
        "predictions": [],
    }
    await page.evaluate(OPEN, order)
    editor.problems += [f"failed: {message['message']}" for message in await editor.said("failed")]
    return editor
