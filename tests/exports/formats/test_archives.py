"""Archives: members of any size go through, and come out as they were."""

from __future__ import annotations

import io
import random
import tracemalloc
from collections.abc import Iterator
from zipfile import ZIP_DEFLATED, ZipFile

from apps.exports.formats.archive import Member, archive
from apps.exports.formats.report import Report

BLOCK = 1 << 16
MEGABYTE = 1 << 20


def recording(size: int) -> Iterator[bytes]:
    """Yield `size` bytes that cannot be compressed."""
    bytes_of = random.Random(7).randbytes
    for _ in range(size // BLOCK):
        yield bytes_of(BLOCK)


def test_a_large_media_file_is_never_in_memory_as_a_whole() -> None:
    size = 24 * MEGABYTE
    tracemalloc.start()
    written = sum(map(len, archive([Member("audio/long.wav", recording(size), stored=True)], Report())))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < written < size + size // 1000
    assert peak < 4 * MEGABYTE


def test_what_is_not_compressed_comes_out_as_it_was() -> None:
    members = [Member("audio/long.wav", recording(MEGABYTE), stored=True), Member("a.txt", b"text")]
    file = ZipFile(io.BytesIO(b"".join(archive(members, Report()))))
    assert file.testzip() is None
    assert file.read("audio/long.wav") == b"".join(recording(MEGABYTE))
    assert file.getinfo("audio/long.wav").compress_type == ZIP_DEFLATED
