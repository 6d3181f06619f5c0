"""Names of stored files: random, and safe on every file system, with as much of the original as is harmless."""

from __future__ import annotations

import re
import secrets
import unicodedata
from pathlib import PurePosixPath

MAX_NAME = 255
MAX_SAFE_NAME = 80
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_RANDOM_BYTES = 12


def original_name(given: str) -> str:
    """Return a name as data: the last part of a path, without what Postgres cannot store or people cannot see."""
    last = re.split(r"[/\\]", given)[-1]
    visible = "".join(
        character for character in last if unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    )
    return visible.strip()[:MAX_NAME] or "file"


def safe_name(given: str) -> str:
    """Return a name of plain letters, digits, dots and dashes, with its extension."""
    plain = unicodedata.normalize("NFKD", original_name(given)).encode("ascii", "ignore").decode()
    cleaned = _UNSAFE.sub("-", plain).strip(".-_") or "file"
    path = PurePosixPath(cleaned)
    suffix = path.suffix if len(path.suffix) <= 12 else ""
    return f"{cleaned.removesuffix(suffix)[: MAX_SAFE_NAME - len(suffix)]}{suffix}"


def storage_name(project_id: int, given: str, *, key: str = "") -> str:
    """Return a new name in the storage.

    Args:
        key: stands instead of something random, so that doing the same again uses the same name.
    """
    return f"upload/{project_id}/{key or secrets.token_hex(_RANDOM_BYTES)}-{safe_name(given)}"
