"""Tables as text, for CSV and TSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from apps.core.formula_cells import neutralized
from apps.exports.formats.archive import joined
from apps.exports.formats.columns import all_columns, flat_rows, known_columns
from apps.exports.formats.format import ExportOptions
from apps.exports.formats.spool import Spool
from apps.exports.formats.tables import Table, as_text


def write_table(tasks: Iterable[str], options: ExportOptions, delimiter: str) -> Iterator[bytes]:
    """Yield a header and a row for each completion, in UTF-8; cells like formulas are neutralized.

    Where the keys of the data are known beforehand, rows go out as tasks are read; else they wait for the last task.
    """
    line = _line_writer(delimiter)
    if options.data_keys is not None:
        yield from _at_once(tasks, options, options.data_keys, line, delimiter)
        return
    with Spool() as spool:
        table = Table(tasks, options, spool)
        yield from joined(map(line, chain([table.columns], table.rows())), separator=b"")


def _at_once(
    tasks: Iterable[str],
    options: ExportOptions,
    data_keys: Callable[[], list[str]],
    line: Callable[[Iterable[Any]], bytes],
    delimiter: str,
) -> Iterator[bytes]:
    # The config's columns come first, whatever the data holds: whoever waits sees that it begins.
    first, _ = known_columns(options.config)
    if first:
        yield line(first).removesuffix(b"\n")
    columns = all_columns(data_keys(), options.config)
    yield (delimiter.encode() if first else b"") + line(columns[len(first) :])
    rows = (line([row.get(name) for name in columns]) for row in flat_rows(tasks, options))
    yield from joined(rows, separator=b"")


def _line_writer(delimiter: str) -> Callable[[Iterable[Any]], bytes]:
    """Return what writes cells as a line."""
    buffer = io.StringIO()
    # With this line end, cells that hold either of its characters are quoted; lines themselves end in \n.
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")

    def line(cells: Iterable[Any]) -> bytes:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([neutralized(as_text(value)) for value in cells])
        return buffer.getvalue().removesuffix("\r\n").encode() + b"\n"

    return line
