"""Folders on this machine, as `label-studio start --input-path … --input-format …` names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

from apps.imports.formats import archives, json, txt
from apps.imports.formats.container import Member, place_in
from apps.imports.formats.folder import FolderContainer
from apps.imports.formats.format import (
    HEAD_BYTES,
    ImportFormat,
    Item,
    ReadOptions,
    Row,
    Source,
    UnreadableFile,
    UnreadableRow,
    no_store,
)
from apps.imports.formats.signatures import media_type
from apps.imports.formats.variables import variable_for

Address = Callable[[Path], str]


def read_folder(
    path: Path, kind: str | None, options: ReadOptions, formats: Mapping[str, ImportFormat], *,
    store_media: Callable[[str, IO[bytes]], str] = no_store, address: Address | None = None,
) -> Iterator[Item]:  # fmt: skip
    """Yield the rows of the files below a folder, in the order of their names.

    Args:
        kind: one of `KINDS`; None reads every file as what it is, and annotated sets as a whole.
        store_media: stores a media file and returns its address.
        address: gives the address under which a media file is served from where it lies; used instead of storing.

    Raises:
        UnreadableFile: no such folder, no file of that kind in it, over a limit.
    """
    folder = FolderContainer(path, options.limits, _served(path, address) if address else store_media)
    if kind is None:
        yield from archives.read_container(folder, options, formats)
        return
    if kind not in KINDS:
        raise UnreadableFile(f'There is no kind of folder "{kind}". There are {", ".join(KINDS)}.')
    found = False
    for item in KINDS[kind](folder, options):
        found = True
        yield item
    if not found:
        raise UnreadableFile(f"There is no file for {kind} in it.", str(path))


def _served(root: Path, address: Address) -> Callable[[str, IO[bytes]], str]:
    return lambda name, stream: address(root / name)


def _json_files(folder: FolderContainer, options: ReadOptions) -> Iterator[Item]:
    for member in folder.members:
        if member.suffix == ".json":
            yield from _read_with(json.FORMAT, folder, member, options)


def _text_files(folder: FolderContainer, options: ReadOptions) -> Iterator[Item]:
    for member in folder.members:
        yield from _read_with(txt.FORMAT, folder, member, options)


def _read_with(
    entry: ImportFormat, folder: FolderContainer, member: Member, options: ReadOptions
) -> Iterator[Item]:
    place = place_in(folder, member)
    try:
        with folder.open(member) as stream:
            for item in entry.read(Source(member.name, stream, member.size), options):
                yield item._replace(place=f"{place} › {item.place}")
    except UnreadableFile as error:
        yield UnreadableRow(error.reason.rstrip("."), f"{place} › {error.place}" if error.place else place)


def _media_files(kind: str) -> Callable[[FolderContainer, ReadOptions], Iterator[Item]]:
    def read(folder: FolderContainer, options: ReadOptions) -> Iterator[Item]:
        variable = variable_for(kind, options)
        for member in folder.members:
            with folder.open(member) as stream:
                found = media_type(stream.read(HEAD_BYTES), member.name)
                stream.seek(0)
                if found is not None and found.kind == kind:
                    yield Row({variable: folder.store_media(member.name, stream)}, place_in(folder, member))

    return read


KINDS: dict[str, Callable[[FolderContainer, ReadOptions], Iterator[Item]]] = {
    "json-dir": _json_files,
    "text-dir": _text_files,
    "image-dir": _media_files("image"),
    "audio-dir": _media_files("audio"),
}
"""The kinds of folder that can be asked for by name."""
