"""Tables in Arrow's types, written as Parquet a batch of rows at a time.

pyarrow is an extra (`pip install "label-studio-server[parquet]"`), as for imports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from apps.exports.formats.tables import Table, as_text
from apps.labeling.config import LabelingConfig

try:
    import pyarrow
    import pyarrow.parquet
except ImportError:  # the extra is not installed
    pyarrow = None

BATCH_ROWS = 1_000

Convert = Callable[[Any], Any]


def needs_pyarrow(config: LabelingConfig) -> str | None:
    """Let every config pass where the writer is installed."""
    return None if pyarrow else "needs the extra label-studio-server[parquet] on the server"


def arrow_type(kinds: set[str]) -> tuple[Any, Convert]:
    """Return the type of a column that holds these kinds of cells (see `kind_of_cell`), and what fits cells into it.

    Cells of several kinds, and what is no plain value, become texts: those as they are, all else as JSON.
    """
    if kinds == {"flag"}:
        return pyarrow.bool_(), _as_it_is
    if kinds == {"integer"}:
        return pyarrow.int64(), _as_it_is
    if kinds == {"number"}:
        return pyarrow.float64(), _as_it_is
    if kinds == {"texts"}:
        return pyarrow.list_(pyarrow.string()), _as_it_is
    return pyarrow.string(), _as_text


def parquet_pieces(
    table: Table, *, columns: Mapping[str, tuple[Any, Convert]], metadata: Mapping[bytes, bytes] | None = None
) -> Iterator[bytes]:
    """Yield a Parquet file of a table.

    Args:
        columns: the type of each column, and what fits a cell that is not None into it.
        metadata: of the schema.
    """
    schema = pyarrow.schema([(name, kind) for name, (kind, _) in columns.items()], metadata=metadata)
    sink = _Sink()
    rows = table.rows()
    with pyarrow.parquet.ParquetWriter(pyarrow.PythonFile(sink, mode="w"), schema) as writer:
        while batch := list(islice(rows, BATCH_ROWS)):
            cells = [
                [None if cell is None else convert(cell) for cell in column]
                for (_, convert), column in zip(columns.values(), zip(*batch, strict=True), strict=True)
            ]
            arrays = [
                pyarrow.array(column, kind) for column, (kind, _) in zip(cells, columns.values(), strict=True)
            ]
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))
            yield sink.taken()
    yield sink.taken()


class _Sink:
    """A file that only grows; what was written is taken out of it as it comes."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._position = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self._position += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        """There is nothing to flush."""

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _as_it_is(cell: Any) -> Any:
    return cell


def _as_text(cell: Any) -> str:
    # Arrow's texts are UTF-8, which has no lone surrogates.
    return as_text(cell).encode("utf-8", "replace").decode()
