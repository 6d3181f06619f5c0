"""TAR archives, plain or compressed."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from apps.imports.formats.container import Member
from apps.imports.formats.format import OverLimit, Source, UnreadableFile
from apps.imports.formats.limits import MEBIBYTE, Limits
from apps.imports.formats.metering import check_expansion
from apps.imports.formats.names import checked_name

_BROKEN = (tarfile.TarError, EOFError, OSError, ValueError)
_LARGEST_READ = 4 * MEBIBYTE


def is_tar(head: bytes) -> bool:
    """Return whether a file that begins with `head` is a TAR archive."""
    return head[257:262] == b"ustar"


class _CarefulReads:
    """A stream that refuses to give much at once: headers of an archive have no need for it, traps have."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _LARGEST_READ:
            raise OverLimit(f"A header in the archive is longer than {_LARGEST_READ:,} bytes.", self._name)
        return self._stream.read(size)


class TarContainer:
    """The files of a TAR archive."""

    def __init__(
        self,
        archive: tarfile.TarFile,
        name: str,
        limits: Limits,
        store_media: Callable[[str, IO[bytes]], str],
    ) -> None:
        self.name = name
        self.store_media = store_media
        self._archive = archive
        self._infos: dict[Member, tarfile.TarInfo] = {}
        total = 0
        for count, info in enumerate(archive, 1):
            if count > limits.members:
                raise OverLimit(f"The archive holds more than {limits.members:,} files.", name)
            self._add(info, limits)
            total += info.size
            check_expansion(name, total, total, limits)
        self.members = tuple(self._infos)

    def _add(self, info: tarfile.TarInfo, limits: Limits) -> None:
        clean = checked_name(self.name, info.name, limits)
        if info.isdir():
            return
        if not info.isreg() or info.issparse():
            kind = "a link" if info.issym() or info.islnk() else "something that is no ordinary file"
            place = f"{self.name} › {clean or info.name[:200]}"
            raise OverLimit(f"The archive holds {kind}. Pack the file itself.", place)
        if clean is not None:
            self._infos[Member(clean, info.size)] = info

    @contextmanager
    def open(self, member: Member) -> Iterator[IO[bytes]]:
        """Open a member.

        Raises:
            UnreadableFile: it is broken.
        """
        try:
            stream = self._archive.extractfile(self._infos[member])
        except _BROKEN as error:
            raise UnreadableFile(
                f"The archive is broken here ({error}).", f"{self.name} › {member.name}"
            ) from error
        if stream is None:
            raise UnreadableFile("It is no ordinary file.", f"{self.name} › {member.name}")
        with stream:
            yield stream


@contextmanager
def open_tar(source: Source, limits: Limits) -> Iterator[TarContainer]:
    """Open the uncompressed archive in `source`; raises as `open_zip`."""
    try:
        careful = _CarefulReads(source.stream, source.name)
        archive = tarfile.TarFile.taropen("", fileobj=careful)  # type: ignore[arg-type]  # noqa: SIM115 - closed below
    except _BROKEN as error:
        raise UnreadableFile(f"The archive is broken or cut off ({error}).", source.name) from error
    with archive:
        try:
            container = TarContainer(archive, source.name, limits, source.store_media)
        except _BROKEN as error:
            raise UnreadableFile(f"The archive is broken or cut off ({error}).", source.name) from error
        yield container
