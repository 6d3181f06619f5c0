"""ZIP, TAR, gzip and Zstandard: files that hold files of the other formats."""

from __future__ import annotations

import bz2
import gzip
import io
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import IO

from apps.imports.formats.container import Container, Member, place_in
from apps.imports.formats.format import (
    HEAD_BYTES,
    ImportFormat,
    Item,
    OverLimit,
    ReadOptions,
    Source,
    UnreadableFile,
    UnreadableRow,
)
from apps.imports.formats.limits import Limits
from apps.imports.formats.metering import copied, metered
from apps.imports.formats.tar_archive import is_tar, open_tar
from apps.imports.formats.zip_archive import SIGNATURES, open_zip

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Formats = Callable[[], Mapping[str, ImportFormat]]

_WINDOW_LOG = 27
"""Frames that want more memory than 128 MiB to be unpacked are refused."""
_COMPRESSED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\x28\xb5\x2f\xfd": "zstd"}
_BROKEN = (gzip.BadGzipFile, zlib.error, EOFError, OSError, ValueError, zstd.ZstdError)


def compression_of(head: bytes) -> str | None:
    """Return how a file that begins with `head` is compressed: gzip, bzip2, zstd or not at all."""
    return next((name for start, name in _COMPRESSED.items() if head.startswith(start)), None)


def decompressed(source: Source, limits: Limits) -> IO[bytes]:
    """Return the uncompressed bytes of `source`; winding back to the start is possible.

    Raises:
        UnreadableFile: it is not compressed in a way that is known; later, when it is broken or over a limit.
    """
    kind = compression_of(source.stream.read(4))
    source.stream.seek(0)
    opened: IO[bytes]
    if kind == "gzip":
        opened = gzip.GzipFile(fileobj=source.stream)  # type: ignore[assignment]
    elif kind == "bzip2":
        opened = bz2.BZ2File(source.stream)
    elif kind == "zstd":
        options = {int(zstd.DecompressionParameter.window_log_max): _WINDOW_LOG}
        opened = zstd.ZstdFile(source.stream, options=options)  # type: ignore[assignment]
    else:
        raise UnreadableFile("It is not compressed with gzip, bzip2 or Zstandard.", source.name)
    return metered(opened, source.name, source.size, limits, _BROKEN)


def read_container(
    container: Container, options: ReadOptions, formats: Mapping[str, ImportFormat]
) -> Iterator[Item]:
    """Yield the rows of an archive or folder: of the annotated set that its files are together, or file by file.

    A file that cannot be read is an item of its own; the files after it are read all the same.

    Raises:
        OverLimit: an archive in the archive, or more than a limit allows.
        UnreadableFile: there are no files.
    """
    if not container.members:
        raise UnreadableFile("There are no files in it.", container.name)
    for entry in formats.values():
        if entry.sniff_container and entry.read_container and entry.sniff_container(container):
            yield from entry.read_container(container, options)
            return
    for member in container.members:
        yield from _read_member(container, member, options, formats)


def _read_member(
    container: Container, member: Member, options: ReadOptions, formats: Mapping[str, ImportFormat]
) -> Iterator[Item]:
    place = place_in(container, member)
    try:
        with container.open(member) as stream:
            head = stream.read(HEAD_BYTES)
            stream.seek(0)
            entry = next((entry for entry in formats.values() if entry.sniff(head, member.name)), None)
            if entry is None:
                yield UnreadableRow("it is of no format that can be imported", place)
            elif entry.name in NAMES:
                raise OverLimit("There is an archive in the archive. Unpack the inner one first.", place)
            else:
                source = Source(member.name, stream, member.size, container.store_media)
                for item in read_as(entry, source, options):
                    yield item._replace(
                        place=place if item.place == member.name else f"{place} › {item.place}"
                    )
    except OverLimit:
        raise
    except UnreadableFile as error:
        inner = "" if error.place in ("", member.name, place) else f" › {error.place}"
        yield UnreadableRow(error.reason.rstrip("."), place + inner)


def read_as(entry: ImportFormat, source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield the rows of a source that only runs forward: copied to disk first when the format jumps about in it."""
    if not entry.random_access:
        yield from entry.read(source, options)
        return
    with closing(copied(source.stream)) as copy:
        yield from entry.read(replace(source, stream=copy), options)


def _read_zip(source: Source, options: ReadOptions, *, formats: Formats) -> Iterator[Item]:
    with open_zip(source, options.limits) as container:
        yield from read_container(container, options, formats())


def _read_tar(source: Source, options: ReadOptions, *, formats: Formats) -> Iterator[Item]:
    with open_tar(source, options.limits) as container:
        yield from read_container(container, options, formats())


def _read_compressed(source: Source, options: ReadOptions, *, formats: Formats) -> Iterator[Item]:
    stream = decompressed(source, options.limits)
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    inner = replace(source, name=_without_compression(source.name), stream=stream, url=None)
    if not head:
        raise UnreadableFile("There is nothing in the compressed file.", source.name)
    entry = next((entry for entry in formats().values() if entry.sniff(head, inner.name)), None)
    if entry is None:
        raise UnreadableFile("What is compressed in it is of no format that can be imported.", source.name)
    if entry.name == "TAR":
        inner = replace(inner, name=source.name)
        entry = replace(entry, random_access=True)  # its files are looked at more than once
    elif entry.name in NAMES:
        raise OverLimit("There is an archive in the compressed file. Unpack it first.", source.name)
    yield from read_as(entry, inner, options)


def _without_compression(name: str) -> str:
    path = PurePosixPath(name)
    suffixes = {".tgz": ".tar", ".tbz2": ".tar", ".tzst": ".tar"}
    if path.suffix.lower() in suffixes:
        return str(path.with_suffix(suffixes[path.suffix.lower()]))
    return name[: -len(path.suffix)] if path.suffix.lower() in (".gz", ".bz2", ".zst", ".zstd") else name


def _sniff_zip(head: bytes, name: str) -> bool:
    return head.startswith(SIGNATURES)


def _sniff_tar(head: bytes, name: str) -> bool:
    return is_tar(head)


def _sniff_compressed(head: bytes, name: str) -> bool:
    return compression_of(head) is not None


def _zip_example() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("monday.json", '[{"text": "The parcel came a day early."}]')
        archive.writestr("tuesday/reviews.csv", "text\nIt broke at once.\n")
    return file.getvalue()


def _tar_example() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        content = b"The parcel came a day early.\nIt broke at once.\n"
        info = tarfile.TarInfo("reviews.txt")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


NAMES = frozenset({"ZIP", "TAR", "COMPRESSED"})


def over(formats: Formats) -> tuple[ImportFormat, ...]:
    """Return the formats whose files hold files of the given ones."""
    return (
        ImportFormat(
            name="ZIP",
            title="ZIP archive",
            description="Files of any other format, one after another; or images together with their annotations.",
            extensions=("zip",),
            content_types=("application/zip", "application/x-zip-compressed"),
            example=_zip_example(),
            sniff=_sniff_zip,
            read=partial(_read_zip, formats=formats),
        ),
        ImportFormat(
            name="TAR",
            title="TAR archive",
            description="As a ZIP archive, plain or compressed with gzip, bzip2 or Zstandard.",
            extensions=("tar", "tgz"),
            content_types=("application/x-tar",),
            example=_tar_example(),
            sniff=_sniff_tar,
            read=partial(_read_tar, formats=formats),
        ),
        ImportFormat(
            name="COMPRESSED",
            title="Compressed file",
            description="One file of another format, compressed with gzip, bzip2 or Zstandard.",
            extensions=("gz", "zst", "bz2"),
            content_types=("application/gzip", "application/zstd", "application/x-bzip2"),
            example=gzip.compress(b"text,shop\nThe parcel came a day early.,7\n", mtime=0),
            sniff=_sniff_compressed,
            read=partial(_read_compressed, formats=formats),
        ),
    )


__all__ = ["NAMES", "compression_of", "decompressed", "over", "read_as", "read_container"]
