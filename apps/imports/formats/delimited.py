"""Tables as text: which character parts the columns, and a row at a time."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from apps.core.formula_cells import restored
from apps.imports.formats.format import Item, ReadOptions, Row, Source, UnreadableFile, UnreadableRow
from apps.imports.formats.json_elements import EXCERPT
from apps.imports.formats.limits import Limits
from apps.imports.formats.text import TextLines, broken_byte, decode_head

DELIMITERS = ",;\t|"
_SAMPLE_LINES = 100


def delimiter_of(text: str) -> str | None:
    """Return the character that parts the columns of a table that begins with `text`; None if nothing does.

    It is the one that parts the most rows as often as the first; of equals the one that gives more columns.
    """
    lines = [
        line + "\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_SAMPLE_LINES]
    ]
    scores: dict[str, tuple[float, int]] = {}
    for delimiter in DELIMITERS:
        widths = _widths(lines, delimiter)
        if widths and widths[0] > 1:
            scores[delimiter] = (Counter(widths)[widths[0]] / len(widths), widths[0])
    return max(scores, key=lambda delimiter: scores[delimiter], default=None)


def _widths(lines: list[str], delimiter: str) -> list[int]:
    try:
        return [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells]
    except csv.Error:  # a cell longer than a sample's may be
        return []


def looks_like_table(text: str, delimiter: str) -> bool:
    """Return whether every row of a text that begins so has the same number of columns, and there are two of each."""
    widths = _widths(text.replace("\r", "\n").split("\n")[:_SAMPLE_LINES][:-1] or [text], delimiter)
    return len(widths) > 1 and widths[0] > 1 and len(set(widths)) == 1


def read_table(source: Source, options: ReadOptions, delimiter: str | None) -> Iterator[Item]:
    """Yield a row for each line below the header; every cell is text.

    Args:
        delimiter: found out when None.

    Raises:
        UnreadableFile: no header, a header with a name twice, only a header, a cell over the limit.
    """
    lines = TextLines(source.stream, options.encoding, options.limits)
    if delimiter is None:
        head = source.stream.read(_SAMPLE_LINES * 1024)
        source.stream.seek(0)
        delimiter = delimiter_of(decode_head(head, lines.encoding)) or ","
    csv.field_size_limit(options.limits.row_bytes)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        header = header_of(next((cells for cells in reader if cells), []), options.limits)
        yield from _rows(reader, lines, header)
    except csv.Error as error:
        raise UnreadableFile(_reason(error), f"line {lines.number}") from error


def _reason(error: csv.Error) -> str:
    if "field larger" in str(error):
        return "A cell is too long; a quotation mark before it may never be closed."
    return f"The table cannot be read: {error}."


def header_of(cells: list[str], limits: Limits) -> list[str]:
    """Return the columns' names; a column without one is called after its place.

    Raises:
        UnreadableFile: none, too many, or one twice.
    """
    if not cells:
        raise UnreadableFile("The file is empty. Its first line must name the columns.")
    if len(cells) > limits.columns:
        raise UnreadableFile(
            f"The table has {len(cells):,} columns; {limits.columns:,} are allowed.", "header"
        )
    names = [restored(cell).strip() or f"column {number}" for number, cell in enumerate(cells, 1)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UnreadableFile(f'Two columns are named "{twice[0][:100]}". Give each its own name.', "header")
    if any(broken_byte(name) for name in names):
        raise UnreadableFile("The names of the columns are not UTF-8. Save the file as UTF-8.", "header")
    return names


def _rows(reader: Iterator[list[str]], lines: TextLines, header: list[str]) -> Iterator[Item]:
    width, found = len(header), False
    before = lines.number
    for cells in reader:
        number, before = before + 1, lines.number
        if not cells:
            continue
        found = True
        if len(cells) != width:
            yield _ragged(cells, width, number)
        elif lines.broken and (problem := _broken_cell(header, cells)):
            yield UnreadableRow(problem, f"line {number}", _excerpt(cells))
        else:
            yield Row(dict(zip(header, map(restored, cells), strict=True)), f"line {number}")
    if not found:
        raise UnreadableFile("There is a header but no row below it.")


def _ragged(cells: list[str], width: int, number: int) -> UnreadableRow:
    noun = "cell" if len(cells) == 1 else "cells"
    return UnreadableRow(
        f"it has {len(cells)} {noun}, the header has {width}", f"line {number}", _excerpt(cells)
    )


def _excerpt(cells: list[str]) -> str:
    shown = ",".join(cell[:EXCERPT] for cell in islice(cells, 20))
    return shown[:EXCERPT].encode("utf-8", "replace").decode()


def _broken_cell(header: list[str], cells: list[str]) -> str | None:
    for name, cell in zip(header, cells, strict=True):
        if not cell.isascii() and (byte := broken_byte(cell)):
            return f'"{name}" is not UTF-8 ({byte}); save the file as UTF-8'
    return None
