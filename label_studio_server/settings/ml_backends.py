"""How people name ML backends: `http://localhost:9090`, or with a title `mood=http://localhost:9090`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.core.exceptions import ImproperlyConfigured

NAMED = re.compile(r"(?:(?P<name>[^=/:]+)=)?(?P<url>https?://\S+)")


def read_named(entries: Iterable[str]) -> dict[str, str]:
    """Return titles by URL, "" where none is given.

    Raises:
        ImproperlyConfigured: an entry is no URL, with or without a title before it.
    """
    found = {}
    for entry in entries:
        match = NAMED.fullmatch(entry.strip())
        if match is None:
            raise ImproperlyConfigured(
                "ML_BACKENDS_FOR_NEW_PROJECTS takes URLs, as http://localhost:9090 or name=http://localhost:9090,"
                f" with commas between them, not {entry[:200]!r}."
            )
        found[match["url"].rstrip("/")] = (match["name"] or "").strip()
    return found
