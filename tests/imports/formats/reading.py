"""Reads files in tests, and gives the configs they are read for."""

from __future__ import annotations

import io
from typing import Any

from apps.imports.formats import (
    CATALOGUE,
    Item,
    Limits,
    ReadOptions,
    Row,
    Source,
    UnreadableRow,
    read_rows,
)
from apps.labeling.config import parse

TEXT = parse(
    '<View><Text name="text" value="$text"/><Labels name="label" toName="text"><Label value="PER"/>'
    '<Label value="LOC"/><Label value="ORG"/><Label value="MISC"/></Labels>'
    '<Choices name="mood" toName="text"><Choice value="good"/><Choice value="bad"/></Choices></View>'
)
IMAGE = parse(
    '<View><Image name="image" value="$image"/>'
    '<RectangleLabels name="box" toName="image"><Label value="cat"/><Label value="dog"/></RectangleLabels>'
    '<PolygonLabels name="shape" toName="image"><Label value="cat"/><Label value="dog"/></PolygonLabels></View>'
)
NOTHING = parse("<View/>")


class Store:
    """Keeps media files in memory; each gets the address `/data/upload/<its name>`."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def __call__(self, name: str, stream: Any) -> str:
        """Keep one and return its address."""
        self.files[name] = stream.read()
        return f"/data/upload/{name}"


def items_of(
    raw: bytes | str,
    name: str = "",
    entry: str | None = None,
    *,
    store: Store | None = None,
    config: Any = TEXT,
    **options: Any,
) -> list[Item]:
    """Return everything that is read from a file."""
    content = raw.encode() if isinstance(raw, str) else raw
    source = Source(name, io.BytesIO(content), len(content), store or Store())
    return list(read_rows(source, CATALOGUE[entry] if entry else None, ReadOptions(config, **options)))


def values_of(raw: bytes | str, name: str = "", entry: str | None = None, **options: Any) -> list[Any]:
    """Return the rows' values; a row that cannot be read fails the test."""
    items = items_of(raw, name, entry, **options)
    assert all(isinstance(item, Row) for item in items), items
    return [item.value for item in items if isinstance(item, Row)]


def problems_of(raw: bytes | str, name: str = "", entry: str | None = None, **options: Any) -> list[str]:
    """Return `place: problem` of the rows that cannot be read."""
    items = items_of(raw, name, entry, **options)
    return [f"{item.place}: {item.problem}" for item in items if isinstance(item, UnreadableRow)]


__all__ = ["IMAGE", "NOTHING", "TEXT", "Limits", "Row", "Store", "items_of", "problems_of", "values_of"]
