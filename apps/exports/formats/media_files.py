"""Media files in an archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.exports.formats.archive import Member
from apps.exports.formats.format import ExportOptions
from apps.exports.formats.names import FileNames, file_name_of
from apps.exports.formats.pictures import Picture


def claim_name(names: FileNames, picture: Picture) -> str:
    """Return the file name of a picture in the archive."""
    return names.claim(file_name_of(picture.address), picture.task)


def media_member(address: str, name: str, task: object, options: ExportOptions) -> Iterator[Member]:
    """Yield the media file behind `address` as the member `name`, when media are wanted; a missing one is reported."""
    if options.media is not None and (content := find_media(address, task, options)) is not None:
        yield Member(name, content, stored=True)


def find_media(address: str, task: object, options: ExportOptions) -> Iterable[bytes] | None:
    """Return the bytes of the media file behind `address`; None when there is none, which is reported."""
    content = options.media(address) if options.media else None
    if content is None:
        options.report.add(f'the file behind "{address[:200]}" is not to be had; it is left out', task=task)
    return content
