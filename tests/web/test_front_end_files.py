"""The built front end: addresses with hashes, icons that exist, headers that keep strangers' scripts out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client

from apps.accounts.models import User
from tests.cast import Cast

BrowserOf = Callable[[User | None], Client]
ROOT = Path(settings.BASE_DIR)


def test_built_files_have_hashed_addresses_that_may_be_cached_for_ever(client: Client) -> None:
    address = static("editor/main.js")

    answer = client.get(address, headers={"Accept-Encoding": "br"})

    assert re.fullmatch(r"/static/editor/main\.[0-9a-f]{12}\.js", address)
    assert "immutable" in answer["Cache-Control"]
    assert answer["Content-Encoding"] == "br"


def test_files_of_other_apps_keep_their_addresses(client: Client) -> None:
    assert static("admin/css/base.css") == "/static/admin/css/base.css"
    assert client.get("/static/admin/css/base.css").status_code == 200


def test_every_icon_that_a_template_uses_is_built() -> None:
    listed = set((ROOT / "frontend_build" / "icons.txt").read_text().split("\n"))
    templates = (ROOT / "apps" / "web" / "templates").rglob("*.html")

    used = {name for path in templates for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())}

    assert used - listed == set()


def test_the_front_ends_lock_file_names_no_download_address() -> None:
    assert '"resolved"' not in (ROOT / "frontend_build" / "package-lock.json").read_text()


def test_the_editors_licences_are_shipped() -> None:
    for name in ("editor/LICENSE.txt", "editor/THIRD-PARTY-LICENSES.txt", "LICENSES.txt"):
        assert finders.find(name), name


def test_pages_allow_no_inline_script_or_style(cast: Cast, browser_of: BrowserOf) -> None:
    policy = browser_of(cast.owner).get("/")["Content-Security-Policy"]

    assert "script-src 'self';" in f"{policy};"
    assert "style-src 'self';" in f"{policy};"
    assert "unsafe" not in policy


def test_the_editors_frame_runs_only_scripts_with_its_nonce(cast: Cast, browser_of: BrowserOf) -> None:
    browser = browser_of(cast.annotator)

    answers = [browser.get("/label/frame") for _ in range(2)]

    nonces = [
        re.search(r"script-src 'nonce-([^']+)'", answer["Content-Security-Policy"]) for answer in answers
    ]
    assert all(nonces)
    assert nonces[0][1] != nonces[1][1]  # type: ignore[index]
    assert f'nonce="{nonces[0][1]}"' in answers[0].content.decode()  # type: ignore[index]
    assert "script-src 'self'" not in answers[0]["Content-Security-Policy"]


def test_the_label_page_sets_the_cookie_that_saving_needs(cast: Cast, browser_of: BrowserOf) -> None:
    answer = browser_of(cast.annotator).get(f"/projects/{cast.project.pk}/label")

    assert settings.CSRF_COOKIE_NAME in answer.cookies
