"""TSV: a table with a row a completion, separated by tabs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.exports.formats.delimited import write_table
from apps.exports.formats.format import ExportFormat, ExportOptions


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield the table."""
    return write_table(tasks, options, "\t")


FORMAT = ExportFormat(
    name="TSV",
    title="TSV",
    description="A row for each completion, separated by tabs: the task's data, its id, an answer for each control.",
    extension="tsv",
    content_type="text/tab-separated-values; charset=utf-8",
    write=write,
)
