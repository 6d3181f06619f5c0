"""XLSX: a workbook with a row a completion (ECMA-376, SpreadsheetML)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import IO, Any

import openpyxl

from apps.core.formula_cells import neutralized
from apps.core.spreadsheet_text import escaped
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.json_text import loads
from apps.exports.formats.report import Report
from apps.exports.formats.spool import Spool
from apps.exports.formats.tables import Table, as_text

MAX_ROWS = 1_048_576
"""Of a sheet, the header among them."""

MAX_CHARACTERS = 32_767
"""Of a cell."""

_EXACT = 10**15
"""Spreadsheets keep 15 digits; larger whole numbers are written as texts."""

_BLOCK = 1 << 18


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield the workbook; it is made in a temporary file first, because its directory of parts comes last."""
    with tempfile.TemporaryFile(prefix="export-") as file:
        with Spool() as spool:
            _save(Table(tasks, options, spool), options.report, file)
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block


def _save(table: Table, report: Report, file: IO[bytes]) -> None:
    workbook = openpyxl.Workbook(write_only=True)
    columns = table.columns
    place_of_id = columns.index("id")
    for number, rows in enumerate(_sheets(table), 1):
        sheet = workbook.create_sheet("Tasks" if number == 1 else f"Tasks {number}")
        sheet.append([_text(name) for name in columns])
        for row in rows:
            sheet.append([_cell(value, report, row[place_of_id]) for value in row])
    if report.problems:
        _add_report(workbook.create_sheet("Report"), report)
    workbook.save(file)


def _add_report(sheet: Any, report: Report) -> None:
    columns = ("task", "completion", "region", "problem")
    sheet.append(columns)
    for line in report.rows():
        problem = loads(line)
        sheet.append([_text(as_text(problem.get(column))) for column in columns])


def _sheets(table: Table) -> Iterator[Iterator[list[Any]]]:
    """Yield the rows in portions that fit below a header; there is always one portion."""
    rows = table.rows()
    while True:
        yield islice(rows, MAX_ROWS - 1)
        if (following := next(rows, None)) is None:
            return
        rows = chain([following], rows)


def _cell(value: Any, report: Report, task: object) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and abs(value) < _EXACT:
        return value
    whole = as_text(value)
    text = _text(whole)
    if len(text) == MAX_CHARACTERS and len(escaped(neutralized(whole))) > MAX_CHARACTERS:
        report.add(f"a cell holds {MAX_CHARACTERS:,} characters; the rest of a value is left out", task=task)
    return text


def _text(value: str) -> str:
    return escaped(neutralized(value))[:MAX_CHARACTERS]


FORMAT = ExportFormat(
    name="XLSX",
    title="Excel workbook",
    description="A row for each completion: the task's data, its id, an answer for each control. Imports back.",
    extension="xlsx",
    content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    write=write,
)
