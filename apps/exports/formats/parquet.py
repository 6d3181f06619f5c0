"""PARQUET: a table with a row a completion, in typed columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.exports.formats.arrow_tables import arrow_type, needs_pyarrow, parquet_pieces
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.spool import Spool
from apps.exports.formats.tables import Table


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield the table; a column's type is that of its cells."""
    with Spool() as spool:
        table = Table(tasks, options, spool)
        yield from parquet_pieces(
            table, columns={name: arrow_type(kinds) for name, kinds in table.kinds.items()}
        )


FORMAT = ExportFormat(
    name="PARQUET",
    title="Parquet",
    description="A row for each completion in typed columns: the task's data, its id, an answer for each control.",
    extension="parquet",
    content_type="application/vnd.apache.parquet",
    write=write,
    fits=needs_pyarrow,
)
