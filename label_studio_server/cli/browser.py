"""Open the product in the browser of the person at the terminal."""

from __future__ import annotations

import html
import os
import sys
import threading
import webbrowser
from pathlib import Path

from label_studio_server.embedded.atomic import write_atomically
from label_studio_server.embedded.layout import DataDirectory


def open_browser(directory: DataDirectory, address: str) -> None:
    """Show an address in the browser, without waiting for it.

    The browser is given a private file that leads to the address: other accounts can read a program's
    arguments, and a sign-in link must not be among them.
    """
    if not _has_display():
        return
    page = redirect_page(directory)
    target = html.escape(address, quote=True)
    write_atomically(
        page,
        f'<!doctype html><meta charset="utf-8"><title>Label Studio</title>'
        f'<meta http-equiv="refresh" content="0; url={target}">'
        f'<a href="{target}">Continue to Label Studio</a>\n',
        mode=0o600,
    )
    # Some browsers only return when they are closed.
    threading.Thread(target=webbrowser.open, args=[page.as_uri()], daemon=True).start()


def redirect_page(directory: DataDirectory) -> Path:
    """Return the path of the file that leads to the address; delete it when the server stops."""
    return directory.run / "open.html"


def _has_display() -> bool:
    """Without a display `webbrowser` would start a text browser inside the terminal."""
    if sys.platform == "darwin" or os.environ.get("BROWSER"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
