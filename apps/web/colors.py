"""The colours a project can have."""

from __future__ import annotations

import re

PALETTE = {
    "#2E86DE": "Blue",
    "#12939E": "Teal",
    "#3A9A3F": "Green",
    "#8A8F1E": "Olive",
    "#C2851F": "Amber",
    "#DD6520": "Orange",
    "#E0524B": "Red",
    "#D6559A": "Pink",
    "#9B6BD3": "Purple",
    "#7A8699": "Grey",
}
"""Names by value; each stands out on light and dark pages (3:1 and more)."""

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def is_drawable(color: str) -> bool:
    """Whether a project's colour is one a page may draw: clients of the API may store any short text."""
    return _HEX.fullmatch(color) is not None
