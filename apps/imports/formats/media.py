"""Media files: an image, a recording, a video, a web page or a PDF is one task."""

from __future__ import annotations

from collections.abc import Iterator

from apps.imports.formats.format import ImportFormat, Item, ReadOptions, Row, Source, UnreadableFile
from apps.imports.formats.signatures import media_type
from apps.imports.formats.text import decode_head, encoding_of
from apps.imports.formats.variables import variable_for

EXAMPLE = bytes.fromhex(  # a picture of one grey point
    "89504e470d0a1a0a0000000d494844520000000100000001080000000"
    "03a7e9b550000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)


def sniff(head: bytes, name: str) -> bool:
    """Return whether the file begins as a media file does."""
    return media_type(head, name) is not None


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield the one task that a media file is."""
    head = source.stream.read(4096)
    source.stream.seek(0)
    found = media_type(head, source.name)
    if found is None:
        raise UnreadableFile("It is no image, audio, video, web page or PDF.", source.name)
    return read_media(source, options, kind=found.kind)


def read_media(source: Source, options: ReadOptions, *, kind: str) -> Iterator[Item]:
    """Yield one task: the address of the stored file, or the page itself where the config shows pages from the task.

    Raises:
        UnreadableFile: no variable of the config is for this kind.
    """
    variable = variable_for(kind, options)
    if kind == "html" and _is_shown_inline(variable, options):
        yield Row({variable: _page(source, options)}, source.name)
    else:
        yield Row({variable: source.url or source.store_media(source.name, source.stream)}, source.name)


def _is_shown_inline(variable: str, options: ReadOptions) -> bool:
    shown = options.config.variables.get(variable)
    return shown is None or shown.value_type != "url"


def _page(source: Source, options: ReadOptions) -> str:
    raw = source.stream.read(options.limits.row_bytes + 1)
    if len(raw) > options.limits.row_bytes:
        raise UnreadableFile(f"The page is longer than {options.limits.row_bytes:,} bytes.", source.name)
    encoding = options.encoding or encoding_of(raw)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = decode_head(raw[: error.start], encoding).count("\n") + 1
        raise UnreadableFile(
            f"The page is not {encoding.upper()}: byte {error.start + 1:,} on line {line} cannot be read.",
            source.name,
        ) from error


FORMAT = ImportFormat(
    name="MEDIA",
    title="Media file",
    description="An image, a recording, a video, a web page or a PDF; each file is a task that holds its address.",
    extensions=(
        "png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "tif", "tiff", "avif", "wav", "mp3", "flac", "ogg", "m4a",
        "aiff", "au", "aac", "mp4", "webm", "mov", "avi", "ogv", "html", "htm", "pdf",
    ),
    content_types=("image/*", "audio/*", "video/*", "text/html", "application/pdf"),
    example=EXAMPLE,
    sniff=sniff,
    read=read,
)  # fmt: skip
