"""ZIP archives, opened with every limit looked at before anything is unpacked."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from apps.imports.formats.container import Member
from apps.imports.formats.format import OverLimit, Source, UnreadableFile
from apps.imports.formats.limits import Limits
from apps.imports.formats.metering import check_expansion, metered
from apps.imports.formats.names import checked_name

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
_ENCRYPTED = 0x1
_END, _END64, _LOCATOR64, _ENTRY = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x01\x02"
_ENTRY_BYTES = 512
"""What an entry of the list of files takes at most, on average: its name, its times and its comment."""


class ZipContainer:
    """The files of a ZIP archive."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        name: str,
        limits: Limits,
        store_media: Callable[[str, IO[bytes]], str],
    ) -> None:
        self.name = name
        self.store_media = store_media
        self._archive = archive
        self._limits = limits
        self._infos: dict[Member, zipfile.ZipInfo] = {}
        for info in archive.infolist():
            _check_entry(name, info, limits)
            clean = checked_name(name, info.filename, limits)
            if clean is not None and not info.is_dir():
                self._infos[Member(clean, info.file_size)] = info
        total = sum(info.file_size for info in archive.infolist())
        if total > limits.uncompressed_bytes:
            raise OverLimit(f"More than {limits.uncompressed_bytes:,} bytes come out of it.", name)
        self.members = tuple(self._infos)

    @contextmanager
    def open(self, member: Member) -> Iterator[IO[bytes]]:
        """Open a member.

        Raises:
            UnreadableFile: while it is read, when it is broken.
        """
        info = self._infos[member]
        place = f"{self.name} › {member.name}"
        try:
            stream = self._archive.open(info)
        except _BROKEN as error:
            raise UnreadableFile(f"The archive is broken here ({error}).", place) from error
        with stream:
            yield metered(stream, place, info.compress_size, self._limits, _BROKEN)


@contextmanager
def open_zip(source: Source, limits: Limits) -> Iterator[ZipContainer]:
    """Open the archive in `source`.

    Raises:
        OverLimit: encrypted, too many or too large files, names or links that point out of it.
        UnreadableFile: broken.
    """
    _check_directory(source, limits)
    try:
        archive = zipfile.ZipFile(source.stream)
    except _BROKEN as error:
        raise UnreadableFile(f"The archive is broken or cut off ({error}).", source.name) from error
    with archive:
        yield ZipContainer(archive, source.name, limits, source.store_media)


def _check_entry(name: str, info: zipfile.ZipInfo, limits: Limits) -> None:
    place = f"{name} › {info.filename[:200]}"
    if info.flag_bits & _ENCRYPTED:
        raise OverLimit("The archive is encrypted. Pack it again without a password.", place)
    if stat.S_ISLNK(info.external_attr >> 16):
        raise OverLimit("The archive holds a link. Pack the file itself.", place)
    if info.compress_type not in _METHODS:
        raise OverLimit(
            "The file is compressed in an unusual way. Pack it again with the usual one (deflate).", place
        )
    check_expansion(place, info.compress_size, info.file_size, limits)


def _check_directory(source: Source, limits: Limits) -> None:
    """Refuse an archive with too many files before the list of them is taken into memory."""
    size, offset = _directory_of(source.stream)
    if size > limits.members * _ENTRY_BYTES:
        most = limits.members * _ENTRY_BYTES
        raise OverLimit(f"The archive's list of files is longer than {most:,} bytes.", source.name)
    source.stream.seek(offset)
    if source.stream.read(size).count(_ENTRY) > limits.members:
        raise OverLimit(f"The archive holds more than {limits.members:,} files.", source.name)
    source.stream.seek(0)


def _directory_of(stream: IO[bytes]) -> tuple[int, int]:
    """Return how long an archive's list of files is, and where it begins: just before the record of its end."""
    length = stream.seek(0, 2)
    start = stream.seek(max(length - 66_000, 0))
    tail = stream.read()
    position = len(tail) - 22 if tail[-22:-18] == _END else tail.rfind(_END)
    if position < 0 or len(tail) < position + 22:
        return 0, 0
    size, end = struct.unpack_from("<I", tail, position + 12)[0], start + position
    locator = position - 20
    if locator >= 0 and tail[locator : locator + 4] == _LOCATOR64:
        end -= 76
        stream.seek(max(end, 0))
        record = stream.read(56)
        if len(record) == 56 and record[:4] == _END64:
            size = struct.unpack_from("<Q", record, 40)[0]
    return size, max(end - size, 0)
