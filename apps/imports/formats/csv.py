"""CSV: a table with a header, a task on every line below it; or, as a whole, one task's time series."""

from __future__ import annotations

from collections.abc import Iterator

from apps.imports.formats.delimited import delimiter_of, looks_like_table, read_table
from apps.imports.formats.format import ImportFormat, Item, ReadOptions, Source
from apps.imports.formats.media import read_media
from apps.imports.formats.text import PLAIN_TEXT_NAMES, decode_head, is_text

EXAMPLE = """text,shop
The parcel came a day early.,7
"It broke, at once.",8
"""


def sniff(head: bytes, name: str) -> bool:
    """Return whether the file is named as a table, or is text that a comma or semicolon parts evenly."""
    if not is_text(head):
        return False
    if name.lower().endswith(".csv"):
        return True
    if name.lower().endswith(PLAIN_TEXT_NAMES):
        return False
    text = decode_head(head)
    delimiter = delimiter_of(text)
    return delimiter in (",", ";", "|") and looks_like_table(text, delimiter)


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield a row for each line below the header, or one for the file."""
    if options.csv_as == "time series":
        return read_media(source, options, kind="time series")
    return read_table(source, options, None)


FORMAT = ImportFormat(
    name="CSV",
    title="CSV",
    description="A table whose first line names the columns; each further line is a task. Columns may be parted by"
    " commas, semicolons, tabs or bars. Or the whole table is one task's time series.",
    extensions=("csv",),
    content_types=("text/csv", "application/csv", "application/vnd.ms-excel"),
    example=EXAMPLE,
    sniff=sniff,
    read=read,
)
