"""Instructions for annotators as they are shown: Markdown, with HTML in it, and nothing that could act.

Projects of the Flask era hold HTML, so HTML passes through Markdown untouched; for the same reason indented lines
are no code, or indented HTML would be shown as text. The cleaner has the last word on both.
"""

from __future__ import annotations

from functools import lru_cache

import nh3
from csp.decorators import csp_update
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from apps.web.access import View

MAX_MARKDOWN = 20_000
"""Longer instructions are read as HTML only: some Markdown takes time in the square of its length."""

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("code")
_CLEANER = nh3.Cleaner(
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
    # The label page must not be left by a click: what is not submitted yet would be out of sight.
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


def render_instructions(text: str) -> SafeString:
    """Return instructions as HTML that is safe on our pages; "" for none."""
    if not text.strip():
        return SafeString("")
    html = _html_of(text) if len(text) <= MAX_MARKDOWN else text
    return mark_safe(_CLEANER.clean(html))  # noqa: S308 - the cleaner made it safe


@lru_cache(maxsize=128)
def _html_of(markdown: str) -> str:
    """Every opening of a label page asks for the same few texts."""
    return str(_MARKDOWN.render(markdown))


def shows_instructions(view: View) -> View:
    """Let a page show the pictures of instructions, from wherever tasks' data may come."""
    allowed: View = csp_update({"img-src": settings.DATA_SOURCES})(view)
    return allowed
