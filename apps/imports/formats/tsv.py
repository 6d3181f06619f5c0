"""TSV: a table with a header whose columns are parted by tabs."""

from __future__ import annotations

from collections.abc import Iterator

from apps.imports.formats.delimited import delimiter_of, looks_like_table, read_table
from apps.imports.formats.format import ImportFormat, Item, ReadOptions, Source
from apps.imports.formats.media import read_media
from apps.imports.formats.text import PLAIN_TEXT_NAMES, decode_head, is_text

EXAMPLE = "text\tshop\nThe parcel came a day early.\t7\nIt broke, at once.\t8\n"


def sniff(head: bytes, name: str) -> bool:
    """Return whether the file is named as such a table, or is text that tabs part evenly."""
    if not is_text(head):
        return False
    if name.lower().endswith((".tsv", ".tab")):
        return True
    if name.lower().endswith((".csv", *PLAIN_TEXT_NAMES)):
        return False
    text = decode_head(head)
    return delimiter_of(text) == "\t" and looks_like_table(text, "\t")


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield a row for each line below the header, or one for the file."""
    if options.csv_as == "time series":
        return read_media(source, options, kind="time series")
    return read_table(source, options, "\t")


FORMAT = ImportFormat(
    name="TSV",
    title="TSV",
    description="A table whose first line names the columns and whose columns are parted by tabs; each further line"
    " is a task.",
    extensions=("tsv", "tab"),
    content_types=("text/tab-separated-values",),
    example=EXAMPLE,
    sniff=sniff,
    read=read,
)
