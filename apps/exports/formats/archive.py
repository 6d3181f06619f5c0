"""ZIP archives whose members are written one after another as they come; nothing is held back.

stream-zip pulls the members out of an iterator, so that a format can decide on its next file when the one before is
written. The alternative, zipstream-ng, wants its members added to an object beforehand.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from stream_zip import ZIP_64, ZIP_AUTO, Method, stream_zip

from apps.exports.formats.report import Report

CONTENT_TYPE = "application/zip"
_MODE = 0o100644
_LEVEL = 1
"""Of compression: JSON shrinks nearly as much as with higher ones, in half the time or less."""

# ZIP has a method for members that are not compressed, but it writes their size before them, so that one whose size
# nobody knows would be held in memory as a whole. Compression of level 0 costs five bytes in 65,535 and writes it
# behind. Said to be this large, a member may become as large as it likes.
_AS_IT_IS = ZIP_AUTO(1 << 48, level=0)


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive.

    Args:
        name: with folders, parted by slashes.
        content: whole, when it is small, or piece by piece.
        stored: it is compressed already.
    """

    name: str
    content: bytes | Iterable[bytes]
    stored: bool = False


def archive(members: Iterable[Member], report: Report) -> Iterator[bytes]:
    """Yield the bytes of a ZIP archive of `members`, and of report.json behind them."""
    pieces = iter(stream_zip(_entries(members, report), get_compressobj=_compressor))
    yield from islice(pieces, 1)  # whoever waits sees at once that it begins
    # Each small file comes as half a dozen pieces, of which each would be a write of its own.
    yield from joined(pieces, separator=b"")


def _entries(
    members: Iterable[Member], report: Report
) -> Iterator[tuple[str, datetime, int, Method, Iterable[bytes]]]:
    now = datetime.now(UTC)
    for member in members:
        content: Iterable[bytes]
        if isinstance(member.content, bytes):
            method = ZIP_AUTO(len(member.content), level=_LEVEL)
            content = (member.content,)
        else:
            method, content = ZIP_64, member.content
        yield member.name, now, _MODE, _AS_IT_IS if member.stored else method, content
    yield "report.json", now, _MODE, ZIP_64, report.pieces()


def _compressor() -> zlib._Compress:
    return zlib.compressobj(level=_LEVEL, wbits=-zlib.MAX_WBITS)


def joined(items: Iterable[bytes], separator: bytes = b",\n", size: int = 64 * 1024) -> Iterator[bytes]:
    """Yield `items` with `separator` between them, in pieces of about `size` bytes: a small item costs no write."""
    piece: list[bytes] = []
    waiting, lead = 0, b""
    for item in items:
        piece.append(lead + item)
        waiting += len(item)
        lead = separator
        if waiting >= size:
            yield b"".join(piece)
            piece, waiting = [], 0
    if piece:
        yield b"".join(piece)
