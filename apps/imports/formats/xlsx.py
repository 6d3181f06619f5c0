"""XLSX: the first sheet of a workbook, a task on every row below the header."""

from __future__ import annotations

import datetime
import io
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from apps.core.formula_cells import restored
from apps.core.spreadsheet_text import unescaped
from apps.imports.formats.delimited import header_of
from apps.imports.formats.format import (
    ImportFormat,
    Item,
    OverLimit,
    ReadOptions,
    Row,
    Source,
    UnreadableFile,
    UnreadableRow,
)
from apps.imports.formats.limits import Limits
from apps.imports.formats.text import CHUNK
from apps.imports.formats.zip_archive import SIGNATURES, open_zip

_SHARED_STRINGS = ("xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml")
_ROW_START = re.compile(rb"<(?:[A-Za-z]\w{0,20}:)?row[\s>/]")
_PART = re.compile(rb"(?<!/)xl/(?:workbook|worksheets/|styles|theme/|sharedStrings|_rels/)")
_DECLARATION = b"<!"
_LAST_ROW = 1_048_576
_BROKEN = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, SyntaxError, KeyError, ValueError, TypeError, IndexError,
    AttributeError, EOFError, OSError,
)  # fmt: skip
"""What the workbook reader raises for parts that are missing or make no sense."""


def sniff(head: bytes, name: str) -> bool:
    """Return whether the file is a ZIP archive with the parts of a workbook."""
    workbook = _PART.search(head) or name.lower().endswith((".xlsx", ".xlsm"))
    return head.startswith(SIGNATURES) and bool(workbook)


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield a row for each filled row below the header of the first sheet; empty cells are empty texts.

    Raises:
        UnreadableFile: broken, encrypted, over a limit, no header.
    """
    _check_parts(source, options.limits)
    source.stream.seek(0)
    try:
        workbook = openpyxl.load_workbook(source.stream, read_only=True, data_only=True, keep_links=False)
    except _BROKEN as error:
        raise _broken(source, error) from error
    try:
        if not workbook.worksheets:
            raise UnreadableFile("There is no sheet in the workbook.", source.name)
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # what a sheet says of its own size cannot be trusted
        yield from _rows(_cells(sheet.iter_rows(values_only=True), source), options.limits)
    finally:
        workbook.close()


def _check_parts(source: Source, limits: Limits) -> None:
    """Refuse a workbook that would take too much memory, before the reader sees it."""
    with open_zip(source, limits) as container:
        for member in container.members:
            if member.name.startswith("xl/worksheets/") and member.suffix == ".xml":
                with container.open(member) as stream:
                    _check_sheet(stream, member.size, f"{source.name} › {member.name}", limits)
            if member.name in _SHARED_STRINGS and member.size > limits.shared_strings_bytes:
                raise OverLimit(
                    f"The workbook's part {member.name} is longer than {limits.shared_strings_bytes:,} bytes."
                    " Save it as CSV.",
                    source.name,
                )


def _check_sheet(stream: IO[bytes], size: int, place: str, limits: Limits) -> None:
    """Refuse a sheet in which a row would not fit into memory; the reader holds a row at a time."""
    if size > limits.sheet_bytes:
        raise OverLimit(f"The sheet is longer than {limits.sheet_bytes:,} bytes. Save it as CSV.", place)
    kept, since = b"", 0
    while chunk := stream.read(CHUNK):
        data = kept + chunk
        if _DECLARATION in data:
            raise OverLimit("The sheet holds a declaration, which no workbook needs. Save it anew.", place)
        starts = [row.start() for row in _ROW_START.finditer(data)]
        since = len(data) - starts[-1] if starts else since + len(chunk)
        if since > limits.row_bytes:
            raise OverLimit(f"A row is longer than {limits.row_bytes:,} bytes.", place)
        kept = data[-64:]


def _broken(source: Source, error: Exception) -> UnreadableFile:
    return UnreadableFile(f"The workbook cannot be read ({str(error)[:200]}).", source.name)


def _cells(rows: Iterator[tuple[Any, ...]], source: Source) -> Iterator[tuple[int, tuple[Any, ...]]]:
    number = 0
    while True:
        try:
            cells = next(rows, None)
        except _BROKEN as error:
            raise _broken(source, error) from error
        if cells is None:
            return
        number += 1
        if number > _LAST_ROW:
            raise UnreadableFile(f"The sheet has more than {_LAST_ROW:,} rows.", source.name)
        yield number, cells


def _rows(rows: Iterator[tuple[int, tuple[Any, ...]]], limits: Limits) -> Iterator[Item]:
    header: list[str] = []
    found = False
    for number, cells in rows:
        filled = _without_empty_end(cells)
        if not filled:
            continue
        if not header:
            header = header_of([str(_value(cell)) for cell in filled], limits)
            continue
        found = True
        yield _row(header, filled, f"row {number}")
    if not header:
        raise UnreadableFile("The first sheet is empty. Its first row must name the columns.")
    if not found:
        raise UnreadableFile("There is a header but no row below it.")


def _without_empty_end(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    end = len(cells)
    while end and cells[end - 1] is None:
        end -= 1
    return cells[:end]


def _row(header: list[str], cells: tuple[Any, ...], place: str) -> Item:
    if len(cells) > len(header):
        return UnreadableRow(f"it has {len(cells)} cells, the header has {len(header)}", place)
    values = [_value(cell) for cell in cells] + [""] * (len(header) - len(cells))
    for name, value in zip(header, values, strict=True):
        if isinstance(value, float) and not math.isfinite(value):
            return UnreadableRow(f'"{name}" is a number that is too large; write it as a text', place)
    return Row(dict(zip(header, values, strict=True)), place)


def _value(cell: Any) -> Any:
    """Return a cell as JSON has it: dates and times in ISO 8601, nothing as an empty text."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return restored(unescaped(cell))
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat()
    return cell if isinstance(cell, int | float) else str(cell)


def _example() -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in (("text", "shop"), ("The parcel came a day early.", 7), ("It broke, at once.", 8)):
        sheet.append(row)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


FORMAT = ImportFormat(
    name="XLSX",
    title="Excel workbook",
    description="The first sheet of a workbook; its first row names the columns, each further row is a task.",
    extensions=("xlsx", "xlsm"),
    content_types=("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
    example=_example(),
    sniff=sniff,
    read=read,
    random_access=True,
)
