"""CSV: a table with a row a completion, separated by commas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.exports.formats.delimited import write_table
from apps.exports.formats.format import ExportFormat, ExportOptions


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield the table."""
    return write_table(tasks, options, ",")


FORMAT = ExportFormat(
    name="CSV",
    title="CSV",
    description="A row for each completion, separated by commas: the task's data, its id, an answer for each control.",
    extension="csv",
    content_type="text/csv; charset=utf-8",
    write=write,
)
