"""Names of files in an archive: safe to unpack anywhere, and never one twice."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

MAX_CHARACTERS = 100
_SPECIAL = re.compile(r"[?#%\\]")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def file_name_of(address: str) -> str:
    """Return the file name that an address ends in: no folders, nothing a file system minds; empty when it has none."""
    if address.startswith("data:"):
        return ""
    folder, slash, name = address.rpartition("/")
    if slash and not folder.endswith(":/") and not _SPECIAL.search(address):
        return safe_name(name)  # nearly all; spares taking the address apart
    try:
        parts = urlsplit(address)
        path = (parse_qs(parts.query).get("d") or [parts.path])[0]
    except ValueError:
        path = address
    return safe_name(re.split(r"[/\\]", unquote(path))[-1])


def stem_of(name: str) -> str:
    """Return a file's name without what stands behind its last dot."""
    return name.rpartition(".")[0] or name


def safe_name(text: str) -> str:
    """Return `text` as a name of one file: no separators, no leading dots, not too long; it may come out empty."""
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", text)).strip(". ")
    if _RESERVED.match(name):
        name = f"_{name}"
    if len(name) > MAX_CHARACTERS:
        suffix = PurePosixPath(name).suffix[:10]
        name = name[: MAX_CHARACTERS - len(suffix)] + suffix
    return name


class FileNames:
    """Hands out names whose stems differ, also where a file system does not tell capitals apart.

    A stem is taken by whoever comes first; the next one gets the task's id behind it. Only hashes are kept.
    """

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._numbers: dict[int, int] = {}

    def claim(self, wanted: str, task: object) -> str:
        """Return `wanted`, or a name near it, for a file of a task."""
        name = wanted or f"task-{task}"
        stem = stem_of(name)
        ending = name[len(stem) :]
        if _key(stem) in self._taken:
            stem = self._free(f"{stem}-{task}")
        self._taken.add(_key(stem))
        return stem + ending

    def _free(self, stem: str) -> str:
        """Return `stem`, numbered when it is taken, too; counting goes on where it ended for the last of its kind."""
        number, numbered = self._numbers.get(_key(stem), 1), stem
        while _key(numbered := f"{stem}-{number}" if number > 1 else stem) in self._taken:
            number += 1
        self._numbers[_key(stem)] = number + 1
        return numbered


def _key(stem: str) -> int:
    return hash(stem.lower() if stem.isascii() else unicodedata.normalize("NFC", stem).casefold())
