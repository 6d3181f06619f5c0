"""The browser that tests drive: which program, and how it is started."""

from __future__ import annotations

import os
import shutil

# The shell draws no windows and takes a third less of the processor.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=user-gesture-required",
)
CSP_LISTENER = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""
"""A script for every page: what the policy of contents refuses is an error on the console."""


def chromium() -> str | None:
    """Return the system's Chromium, or the one that CHROMIUM names; None for Playwright's own."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
