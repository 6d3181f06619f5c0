"""Names of files in archives: what is taken, passed over and refused."""

from __future__ import annotations

import re

from apps.imports.formats.format import OverLimit
from apps.imports.formats.limits import Limits

_DRIVE = re.compile(r"^[A-Za-z]:")
_HIDDEN = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


def checked_name(archive: str, name: str, limits: Limits) -> str | None:
    """Return the clean name of a member; None for folders and for files that systems leave behind.

    Raises:
        OverLimit: the name points to outside of the archive or is too long.
    """
    clean = name.replace("\\", "/").encode("utf-8", "replace").decode()
    parts = clean.split("/")
    if clean.startswith("/") or ".." in parts or _DRIVE.match(clean) or "\0" in clean:
        place = f"{archive} › {clean[:200]}"
        raise OverLimit("The name of a file points to outside of the archive. Pack it anew.", place)
    if len(clean) > limits.member_name:
        raise OverLimit(
            f"The name of a file is longer than {limits.member_name:,} characters.",
            f"{archive} › {clean[:60]}…",
        )
    if clean.endswith("/") or is_hidden(parts):
        return None
    return "/".join(part for part in parts if part not in ("", ".")) or None


def is_hidden(parts: list[str]) -> bool:
    """Return whether a path lies in what people do not see: `.DS_Store`, `.git/…`, `__MACOSX/…`."""
    return any((part.startswith(".") and part != ".") or part in _HIDDEN for part in parts)
