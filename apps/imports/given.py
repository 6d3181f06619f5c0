"""What an import reads: files, folders on the server's disk, or rows that somebody made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import quote

from django.conf import settings

from apps.core.errors import ValidationFailed
from apps.imports.formats import CATALOGUE, ImportFormat, Item, ReadOptions, Source, format_of, read_rows
from apps.imports.formats.archives import read_container
from apps.imports.formats.container import Member, place_in
from apps.imports.formats.folder import FolderContainer

StoreMedia = Callable[[str, IO[bytes]], str]

IMAGES = (".png", ".jpg", ".jpeg", ".tiff", ".tif", ".bmp", ".gif", ".webp")
RECORDINGS = (".wav", ".aiff", ".mp3", ".au", ".flac", ".ogg", ".m4a")
FOLDER_FORMATS: dict[str, tuple[str, ...]] = {
    "json-dir": (".json",),
    "text-dir": (),
    "image-dir": IMAGES,
    "audio-dir": RECORDINGS,
}
"""Formats of the Flask era that name a folder, and which of its files they mean; none is all."""

FILE_FORMATS = {"json": "JSON", "text": "TXT"}


class Given(Protocol):
    """Something to read.

    Args:
        size: in bytes.
        file_upload: the storage name of the file that it is, or empty.
        formats: the names of the formats it is read as, as far as one is known for the whole.
    """

    size: int
    file_upload: str
    formats: tuple[str, ...]

    def items(
        self, entry: ImportFormat | None, options: ReadOptions, store_media: StoreMedia
    ) -> Iterable[Item]:
        """Yield its rows."""
        ...

    def position(self) -> int:
        """Return how many bytes of it were read."""
        ...


@dataclass(slots=True)
class GivenFile:
    """An open file.

    Args:
        named: its name stands before the places of its rows: it is one of several.
    """

    source: Source
    file_upload: str = ""
    named: bool = False
    size: int = field(init=False)
    formats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.size = self.source.size

    def items(
        self, entry: ImportFormat | None, options: ReadOptions, store_media: StoreMedia
    ) -> Iterable[Item]:
        """Yield its rows."""
        found = entry or format_of(self.source)
        self.formats = (found.name,)
        rows = read_rows(replace(self.source, store_media=store_media), found, options)
        return map(self._with_name, rows) if self.named else rows

    def _with_name(self, item: Item) -> Item:
        name = self.source.name
        return item if item.place.startswith(name) else item._replace(place=f"{name} › {item.place}")

    def position(self) -> int:
        """Return how many bytes of it were read."""
        return self.source.stream.tell()


@dataclass(slots=True)
class GivenRows:
    """Rows that are there already."""

    rows: Iterable[Item]
    size: int = 0
    file_upload: str = ""
    formats: tuple[str, ...] = ()

    def items(
        self, entry: ImportFormat | None, options: ReadOptions, store_media: StoreMedia
    ) -> Iterable[Item]:
        """Return them."""
        return self.rows

    def position(self) -> int:
        """Nobody knows."""
        return 0


@dataclass(slots=True)
class GivenFolder:
    """A folder on the server's disk, with everything below it.

    Media files below one of LOCAL_FILES_ROOTS are shown from where they are; others are copied into the storage.

    Args:
        kind: one of `FOLDER_FORMATS`, or empty for any files.
    """

    path: Path
    kind: str = ""
    file_upload: str = ""
    formats: tuple[str, ...] = ()
    size: int = 0
    _read: int = 0

    def __post_init__(self) -> None:
        self.size = sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())

    def items(
        self, entry: ImportFormat | None, options: ReadOptions, store_media: StoreMedia
    ) -> Iterable[Item]:
        """Yield the rows of its files, in the order of their names."""
        container = _Folder(self.path, options, store_media, self._count)
        suffixes = FOLDER_FORMATS.get(self.kind, ())
        if suffixes:
            container.members = tuple(member for member in container.members if member.suffix in suffixes)
        if not container.members:
            raise ValidationFailed(f"There are no files to import in {self.path}.")
        if self.kind == "text-dir":
            entry = CATALOGUE["TXT"]
        if entry is None:
            return read_container(container, options, CATALOGUE)
        self.formats = (entry.name,)
        return _read_as(entry, container, options)

    def position(self) -> int:
        """Return the bytes of the files that were opened."""
        return self._read

    def _count(self, member: Member) -> None:
        self._read = min(self.size, self._read + member.size)


class _Folder(FolderContainer):
    """A folder that tells which of its files is opened, and shows media from where they are if it may."""

    def __init__(
        self, root: Path, options: ReadOptions, store_media: StoreMedia, count: Callable[[Member], None]
    ) -> None:
        super().__init__(root, options.limits, self._show)
        self._copy = store_media
        self._count = count

    def open(self, member: Member):  # type: ignore[no-untyped-def]  # as the class above has it
        """Open a file."""
        self._count(member)
        return super().open(member)

    def _show(self, name: str, stream: IO[bytes]) -> str:
        return local_address(self.root / name) or self._copy(name, stream)


def _read_as(entry: ImportFormat, container: FolderContainer, options: ReadOptions) -> Iterator[Item]:
    for member in container.members:
        with container.open(member) as stream:
            source = Source(member.name, stream, member.size, container.store_media)
            for item in read_rows(source, entry, options):
                yield item._replace(place=f"{place_in(container, member)} › {item.place}")


def local_address(path: Path) -> str | None:
    """Return the address of a file below one of LOCAL_FILES_ROOTS; None when it lies elsewhere."""
    for root in map(Path, settings.LOCAL_FILES_ROOTS):
        if path.resolve().is_relative_to(root.resolve()):
            relative = path.resolve().relative_to(root.resolve())
            return f"/data/local-files/?d={quote(relative.as_posix())}"
    return None
