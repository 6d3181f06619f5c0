"""Rows out of Parquet and Arrow files, a batch at a time.

The reader is an extra of its own (`pip install "label-studio-server[parquet]"`): it takes as much disk as the rest of
the product together. fastparquet brings pandas and reads a whole row group at once, DuckDB wants a file of its own
and no stream; pyarrow reads both kinds of file, in batches, from any stream.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Literal

from apps.imports.formats.format import UnreadableFile
from apps.imports.formats.limits import Limits

try:
    import pyarrow
    import pyarrow.ipc
    import pyarrow.parquet
except ImportError:  # the extra is not installed
    pyarrow = None

BATCH_ROWS = 1_000
PARQUET_MARK = b"PAR1"
ARROW_MARK = b"ARROW1\0\0"
ARROW_STREAM_MARK = b"\xff\xff\xff\xff"
FileKind = Literal["parquet", "arrow", "arrow stream"]


def kind_of(head: bytes) -> FileKind | None:
    """Return which of the three kinds of file begins with `head`."""
    if head.startswith(PARQUET_MARK):
        return "parquet"
    if head.startswith(ARROW_MARK):
        return "arrow"
    return "arrow stream" if head.startswith(ARROW_STREAM_MARK) else None


def read_arrow(stream: IO[bytes], kind: FileKind, name: str, limits: Limits) -> Iterator[dict[str, Any]]:
    """Yield each row as Python values by column.

    Raises:
        UnreadableFile: the reader is not installed; the file is broken or over a limit.
    """
    if pyarrow is None:
        raise UnreadableFile(
            'Parquet and Arrow files need an extra: pip install "label-studio-server[parquet]".', name
        )
    with _in_words(name):
        batches = _batches(stream, kind, name, limits)
    while True:
        with _in_words(name):
            batch = next(batches, None)
            rows = [] if batch is None else batch.to_pylist()
        if batch is None:
            return
        yield from rows


def schema_metadata(stream: IO[bytes], kind: FileKind, name: str) -> dict[bytes, bytes]:
    """Return what a file's writer noted on its schema, and wind the stream back; raises as `read_arrow`."""
    if pyarrow is None:
        return {}
    with _in_words(name):
        if kind == "parquet":
            metadata = pyarrow.parquet.read_schema(stream).metadata
        else:
            opened = pyarrow.ipc.open_file(stream) if kind == "arrow" else pyarrow.ipc.open_stream(stream)
            metadata = opened.schema.metadata
    stream.seek(0)
    return dict(metadata or {})


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    try:
        yield
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise UnreadableFile(f"The file is broken ({str(error).splitlines()[0][:200]}).", name) from error


def _batches(stream: IO[bytes], kind: FileKind, name: str, limits: Limits) -> Iterator[Any]:
    if kind == "parquet":
        file = pyarrow.parquet.ParquetFile(stream, pre_buffer=False, buffer_size=1 << 20)
        _check_columns(len(file.schema_arrow.names), name, limits)
        _check_groups(file.metadata, name, limits)
        yield from file.iter_batches(batch_size=BATCH_ROWS)
        return
    opened = pyarrow.ipc.open_file(stream) if kind == "arrow" else pyarrow.ipc.open_stream(stream)
    _check_columns(len(opened.schema.names), name, limits)
    whole = (
        (opened.get_batch(index) for index in range(opened.num_record_batches))
        if kind == "arrow"
        else iter(opened)
    )
    for batch in whole:
        for start in range(0, batch.num_rows, BATCH_ROWS):
            yield batch.slice(start, BATCH_ROWS)


def _check_columns(count: int, name: str, limits: Limits) -> None:
    if count > limits.columns:
        raise UnreadableFile(f"The table has {count:,} columns; {limits.columns:,} are allowed.", name)


def _check_groups(metadata: Any, name: str, limits: Limits) -> None:
    """Refuse a file one of whose row groups would not fit: the reader decompresses them column by column."""
    total = 0
    for index in range(metadata.num_row_groups):
        size = metadata.row_group(index).total_byte_size
        total += size
        if size > limits.row_group_bytes:
            raise UnreadableFile(
                f"Row group {index + 1} is larger than {limits.row_group_bytes:,} bytes. Write the file with smaller"
                " row groups.",
                name,
            )
    if total > limits.uncompressed_bytes:
        raise UnreadableFile(f"More than {limits.uncompressed_bytes:,} bytes come out of it.", name)


def json_value(value: Any) -> Any:
    """Return a value as JSON has it: dates in ISO 8601, decimals as texts, bytes as base64.

    Raises:
        ValueError: NaN or infinite.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return None  # how tables of numbers write that there is none
        if math.isinf(value):
            raise ValueError("an infinite number has no place in JSON")
        return value
    if isinstance(value, dict):
        return {str(key): json_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(inner) for inner in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    return str(value) if isinstance(value, decimal.Decimal | datetime.timedelta) else repr(value)
