"""Instructions for annotators as they are shown: Markdown, with HTML in it, and nothing that could act.

Projects of the Flask era hold HTML, so HTML passes through Markdown untouched; for the same reason indented lines
are no code, or indented HTML would be shown as text. The cleaner has the last word on both.
"""

from __future__ import annotations

import nh3
from csp.decorators import csp_update
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from apps.web.access import View

MAX_CHARACTERS = 100_000
"""Longer instructions are shown as plain text: nobody reads them, and parsing them keeps a server busy."""

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
    if len(text) > MAX_CHARACTERS:
        return mark_safe(f"<pre>{nh3.clean_text(text)}</pre>")  # noqa: S308 - clean_text escaped it
    return mark_safe(_CLEANER.clean(_MARKDOWN.render(text)))  # noqa: S308 - the cleaner made it safe


def shows_instructions(view: View) -> View:
    """Let a page show the pictures of instructions, from wherever tasks' data may come."""
    allowed: View = csp_update({"img-src": settings.DATA_SOURCES})(view)
    return allowed
