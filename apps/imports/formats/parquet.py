"""Parquet: a task on every row."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from typing import Any

from apps.imports.formats.arrow_rows import kind_of, read_arrow, schema_metadata
from apps.imports.formats.features import features_of, value_of
from apps.imports.formats.format import (
    ImportFormat,
    Item,
    ReadOptions,
    Row,
    Source,
    UnreadableFile,
    UnreadableRow,
)

EXAMPLE = zlib.decompress(  # one row: the columns text and shop
    base64.b85decode(
        "c-n1{&1%9x5XZ+QY(3<dSzO3rFIg<apan|_UV0RA2;vJY=|TiGag*BGXYw_Cug=<v7Y{S@XZX!$`M#PVV1Y%7j08s>0|4_j@M>LK"
        ")f!jXt*Xq<Dx*HkNm=8zr;PXrqX&gg<S~$oIgEH$)plnv01Oj03VQq9Cs246nNM_e(}G|!mZ^pqLz!@pe;iU?IN|hg8Pf<VfQ5LI"
        "T<Yr_kF$T=ce&!Z$o0=1f4;%uJP=F|DZtntbojLWq-xuVajyANN9(#xvsW*#*)*HUl=ky0UdT#%(JyDlFu4"
    )
)


def sniff(head: bytes, name: str) -> bool:
    """Return whether the file begins as Parquet or Arrow files do."""
    return kind_of(head) is not None


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield each row; missing values and NaN are null, dates ISO 8601, bytes base64.

    Raises:
        UnreadableFile: broken, over a limit, without rows, or the reader is not installed.
    """
    kind = kind_of(source.stream.read(4096))
    source.stream.seek(0)
    if kind is None:
        raise UnreadableFile("It is neither a Parquet nor an Arrow file.", source.name)
    features = features_of(schema_metadata(source.stream, kind, source.name))
    number = 0
    for number, row in enumerate(read_arrow(source.stream, kind, source.name, options.limits), 1):
        try:
            yield Row(_row(row, features, source, number), f"row {number}")
        except ValueError as error:
            yield UnreadableRow(str(error), f"row {number}")
    if not number:
        raise UnreadableFile("There is no row in it.", source.name)


def _row(row: dict[str, Any], features: dict[str, Any], source: Source, number: int) -> dict[str, Any]:
    return {
        name: value_of(
            value,
            features.get(name),
            store=source.store_media,
            find=lambda path: None,
            name=f"{name}-{number}",
        )
        for name, value in row.items()
    }


FORMAT = ImportFormat(
    name="PARQUET",
    title="Parquet",
    description="A task on every row of a Parquet or Arrow file. Needs the extra label-studio-server[parquet].",
    extensions=("parquet", "arrow", "feather"),
    content_types=("application/vnd.apache.parquet", "application/vnd.apache.arrow.file"),
    example=EXAMPLE,
    sniff=sniff,
    read=read,
    random_access=True,
)
