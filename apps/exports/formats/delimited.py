"""Tables as text, for CSV and TSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

from apps.core.formula_cells import neutralized
from apps.exports.formats.archive import joined
from apps.exports.formats.format import ExportOptions
from apps.exports.formats.spool import Spool
from apps.exports.formats.tables import Table, as_text


def write_table(tasks: Iterable[str], options: ExportOptions, delimiter: str) -> Iterator[bytes]:
    """Yield a header and a row for each completion, in UTF-8; cells like formulas are neutralized."""
    with Spool() as spool:
        yield from joined(_lines(Table(tasks, options, spool), delimiter), separator=b"")


def _lines(table: Table, delimiter: str) -> Iterator[bytes]:
    buffer = io.StringIO()
    # With this line end, cells that hold either of its characters are quoted; lines themselves end in \n.
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    for row in chain([table.columns], table.rows()):
        writer.writerow([neutralized(as_text(value)) for value in row])
        yield buffer.getvalue().removesuffix("\r\n").encode() + b"\n"
        buffer.seek(0)
        buffer.truncate()
