"""Import formats, one module each, all of one shape: `FORMAT`, an `ImportFormat`.

The page, the API, the command line and the documentation read `CATALOGUE`; whoever reads a file calls `read_rows`.
"""

from __future__ import annotations

from collections.abc import Iterator

from apps.imports.formats import (
    archives,
    coco,
    conll,
    csv,
    huggingface,
    json,
    jsonl,
    label_studio,
    media,
    parquet,
    prodigy,
    spacy,
    tsv,
    txt,
    voc,
    xlsx,
    yolo,
)
from apps.imports.formats.arranging import arrange
from apps.imports.formats.format import (
    HEAD_BYTES,
    ImportFormat,
    Item,
    ReadOptions,
    Row,
    Source,
    UnreadableFile,
    UnreadableRow,
)
from apps.imports.formats.limits import LIMITS, Limits

CATALOGUE: dict[str, ImportFormat] = {
    entry.name: entry
    for entry in (
        xlsx.FORMAT,
        *archives.over(lambda: CATALOGUE),
        parquet.FORMAT,
        huggingface.FORMAT,
        yolo.FORMAT,
        voc.FORMAT,
        media.FORMAT,
        coco.FORMAT,
        prodigy.FORMAT,
        spacy.FORMAT,
        label_studio.FORMAT,
        jsonl.FORMAT,
        json.FORMAT,
        conll.FORMAT,
        tsv.FORMAT,
        csv.FORMAT,
        txt.FORMAT,
    )
}
"""Every format by its name, in the order in which `detect` asks them."""


def detect(name: str, head: bytes) -> ImportFormat:
    """Return the format of a file by its beginning; its name decides only between formats that look alike.

    Raises:
        UnreadableFile: empty, or of no known format.
    """
    if not head:
        raise UnreadableFile("The file is empty.", name)
    found = next((entry for entry in CATALOGUE.values() if entry.sniff(head, name)), None)
    if found is None:
        raise UnreadableFile("The file is of no format that can be imported.", name)
    return found


def read_rows(source: Source, entry: ImportFormat | None, options: ReadOptions) -> Iterator[Item]:
    """Yield the rows of `source`, read as `entry` or as the format it is found to have.

    Raises:
        UnreadableFile: while rows are taken; what was yielded before is right, but the file is not read to its end.
    """
    found = entry or format_of(source)
    source.stream.seek(0)
    return arrange(found.read(source, options), options)


def format_of(source: Source) -> ImportFormat:
    """Return the format of a file by its beginning; raises as `detect`."""
    source.stream.seek(0)
    return detect(source.name, source.stream.read(HEAD_BYTES))


__all__ = [
    "CATALOGUE",
    "LIMITS",
    "ImportFormat",
    "Item",
    "Limits",
    "ReadOptions",
    "Row",
    "Source",
    "UnreadableFile",
    "UnreadableRow",
    "detect",
    "format_of",
    "read_rows",
]
