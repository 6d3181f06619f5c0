"""Which formats can be written in parts that are joined to one file, and how: byte for byte what one writer writes.

Archives cannot: their names, the ids in them and the list of contents at their end go over all of the file. Tables
neither: their columns are known when the last task was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apps.exports.formats.timeline import COLUMNS as TIMELINE_COLUMNS


@dataclass(frozen=True, slots=True)
class Seam:
    """What of a file is no part's own.

    Args:
        head, tail: what every file begins and ends with.
        separator: what stands between two tasks.
        empty: a file without anything in it; where it is no more than head and tail, None.
    """

    head: bytes = b""
    separator: bytes = b""
    tail: bytes = b""
    empty: bytes | None = None

    @property
    def nothing(self) -> bytes:
        """A file without anything in it."""
        return self.head + self.tail if self.empty is None else self.empty


SEAMS = {
    "JSON": Seam(b"[\n", b",\n", b"\n]\n", empty=b"[]\n"),
    "JSON_MIN": Seam(b"[\n", b",\n", b"\n]\n"),
    "JSONL": Seam(),
    "CONLL2003": Seam(b"-DOCSTART- -X- O\n\n"),
    "SPACY": Seam(),
    "PRODIGY": Seam(),
    "TIMELINE": Seam((",".join(TIMELINE_COLUMNS) + "\n").encode()),
}
"""The formats whose parts can be joined."""


def body_of(pieces: Iterable[bytes], seam: Seam) -> Iterator[bytes]:
    """Yield the file that `pieces` make, without what every file begins and ends with.

    Raises:
        ValueError: it does not begin and end so.
    """
    held, has_begun = b"", False
    for piece in pieces:
        held += piece
        if not has_begun and len(held) > len(seam.head) + len(seam.tail):
            if not held.startswith(seam.head):
                raise ValueError(f"a part begins with {held[:40]!r} instead of {seam.head!r}")
            held, has_begun = held[len(seam.head) :], True
        if has_begun and len(held) > len(seam.tail):
            end = len(held) - len(seam.tail)
            yield held[:end]
            held = held[end:]
    if held != (seam.tail if has_begun else seam.nothing):
        raise ValueError(f"a part ends with {held[-40:]!r} instead of {seam.tail!r}")


def joined(bodies: Iterable[Iterable[bytes]], seam: Seam) -> Iterator[bytes]:
    """Yield one file of the bodies of its parts, in their order."""
    between = seam.head
    is_empty = True
    for body in bodies:
        lead = between
        for piece in body:
            yield lead + piece
            lead, between, is_empty = b"", seam.separator, False
    yield seam.nothing if is_empty else seam.tail
