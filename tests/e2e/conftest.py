"""A real browser against the served product; every page is watched for errors while a test uses it."""

from __future__ import annotations

import functools
import http.server
import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from apps.accounts.models import User
from tests.browser import CSP_LISTENER, FLAGS, chromium
from tests.cast import Cast, make_cast

# Playwright's own event loop runs in the test's thread, where Django would then refuse all queries.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# As long as actions wait: a machine that tests many things at once answers slowly, and what is there costs no wait.
expect.set_options(timeout=30_000)

SAY_IT_FOR_LONG = """
const plain = window.setTimeout;
window.setTimeout = (task, time, ...rest) => plain(task, time === 2000 ? 60000 : time, ...rest);
"""
"""Lets buttons say for a minute, not for two seconds, that something is copied: a loaded machine looks rarely."""

DATA = Path(__file__).parent.parent / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder; what fails is tried once more, and the summary names it (RERUN)."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.flaky(reruns=1))


@dataclass
class Watched:
    """A page, and what went wrong on it that no person would see."""

    page: Page
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.page.on("requestfailed", lambda request: self._failed(request.url, request.failure or ""))

    def expect_problem(self, *texts: str) -> None:
        """Forgive the problems that hold one of `texts`; there must be one."""
        others = [problem for problem in self.problems if not any(text in problem for text in texts)]
        assert len(others) < len(self.problems), f"nothing went wrong with {texts}: {self.problems}"
        self.problems = others

    def _on_console(self, message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        # The API says 404 when there is no next task, and Chromium reports every 404.
        if message.type == "error" and not re.search(r"/api/projects/\d+/next(\?.*)?$", address):
            self.problems.append(f"console: {message.text} ({address})")

    def _failed(self, url: str, failure: str) -> None:
        if "ERR_ABORTED" not in failure:  # leaving a page aborts what it still loads
            self.problems.append(f"request failed: {url} {failure}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system, or Playwright's own where there is none."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def players(transactional_db: None) -> Cast:
    """The cast, committed, so that the served product sees it."""
    return make_cast()


OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def open_context(browser: Browser, live_server: object) -> Iterator[OpenContext]:
    """Return browser contexts in which a person is signed in already."""
    opened: list[BrowserContext] = []
    address = str(live_server)

    def open_one(
        person: User | None = None, *, width: int = 1280, height: int = 800, theme: str = "light"
    ) -> BrowserContext:
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",  # what fades in would be looked at half-way
        )
        context.add_init_script(CSP_LISTENER)
        if person is not None:
            client = Client()
            client.force_login(person)
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def watched(open_context: OpenContext) -> Iterator[Callable[..., Watched]]:
    """Return watched pages; the test fails at its end if something went wrong on one of them."""
    opened: list[Watched] = []

    def open_one(person: User | None = None, **options: object) -> Watched:
        opened.append(Watched(open_context(person, **options).new_page()))
        return opened[-1]

    yield open_one
    assert [problem for one in opened for problem in one.problems] == []


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        """Let scripts of other origins read the files: the editor computes a recording's waveform."""
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()


@pytest.fixture(scope="session")
def data_host() -> Iterator[str]:
    """The address of another web server, which has the files of tests/data."""
    handler = functools.partial(_QuietHandler, directory=str(DATA))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
