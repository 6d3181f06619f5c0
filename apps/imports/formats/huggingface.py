"""Hugging Face data sets as they lie on disk: tables in Parquet, Arrow, JSON Lines or CSV, with declared features."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import PurePosixPath
from typing import Any

import msgspec

from apps.imports.formats import csv, json, jsonl
from apps.imports.formats.arrow_rows import kind_of, read_arrow, schema_metadata
from apps.imports.formats.container import Container, Member, place_in
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
from apps.imports.formats.limits import MEBIBYTE
from apps.imports.formats.metering import copied

MAX_BYTES = 16 * MEBIBYTE
_INFO = ("dataset_info.json", "dataset_infos.json")
_MARKS = frozenset({*_INFO, "dataset_dict.json", "state.json", "metadata.jsonl", "metadata.csv"})
_NO_TABLES = _MARKS | {"report.json"}
"""Our own exports say in report.json what they left out."""

_TABLES = {".parquet": None, ".arrow": None, ".jsonl": jsonl.read, ".json": json.read, ".csv": csv.read}
_SPLIT = re.compile(r"^(train|test|validation|valid|val|dev|eval)(?![a-z])", re.IGNORECASE)


def sniff(head: bytes, name: str) -> bool:
    """Return False: one file alone is a table of its own format."""
    return False


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Refuse a single file; raises `UnreadableFile`."""
    raise UnreadableFile("A data set is an archive or folder with tables and dataset_info.json.", source.name)


def sniff_container(container: Container) -> bool:
    """Return whether there is a file that only data sets have, and a table."""
    names = {PurePosixPath(member.name).name for member in container.members}
    return bool(names & _MARKS) and next(_tables(container), None) is not None


def read_container(container: Container, options: ReadOptions) -> Iterator[Item]:
    """Yield each row of each table; the split, where the names tell it, becomes part of the task's meta."""
    declared = _declared(container)
    media = {member.name: member for member in container.members}
    for member in _tables(container):
        place = place_in(container, member)
        for item in _rows(container, member, options):
            if isinstance(item, UnreadableRow):
                yield item._replace(place=f"{place} › {item.place}")
                continue
            value, features = item.value
            try:
                data = _data(container, media, member, value, features or declared)
            except ValueError as error:
                yield UnreadableRow(str(error), f"{place} › {item.place}")
                continue
            split = _split_of(member)
            row = {"data": data, "meta": {"split": split}} if split else {"data": data}
            yield Row(row, f"{place} › {item.place}")


def _tables(container: Container) -> Iterator[Member]:
    for member in container.members:
        name = PurePosixPath(member.name).name
        if member.suffix in _TABLES and (name not in _NO_TABLES or name.startswith("metadata.")):
            yield member


def _split_of(member: Member) -> str | None:
    path = PurePosixPath(member.name)
    found = _SPLIT.match(path.name) or next(
        (match for part in path.parts[:-1] if (match := _SPLIT.match(part))), None
    )
    return found[1].lower() if found else None


def _declared(container: Container) -> dict[str, Any]:
    """Return the features that a `dataset_info.json` declares, of its first configuration."""
    for member in container.members:
        if PurePosixPath(member.name).name not in _INFO:
            continue
        with container.open(member) as stream:
            raw = stream.read(MAX_BYTES + 1)
        try:
            document = msgspec.json.decode(raw) if len(raw) <= MAX_BYTES else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UnreadableFile(f"It is not JSON ({error}).", place_in(container, member)) from error
        while isinstance(document, dict) and "features" not in document and len(document) >= 1:
            document = next(iter(document.values()))
        features = document.get("features") if isinstance(document, dict) else None
        if isinstance(features, dict):
            return features
    return {}


def _rows(container: Container, member: Member, options: ReadOptions) -> Iterator[Item]:
    """Yield rows whose values are pairs: the row, and the features that the table itself declares."""
    reader = _TABLES[member.suffix]
    with container.open(member) as stream:
        if reader is not None:
            source = Source(member.name, stream, member.size, container.store_media)
            for item in reader(source, options):
                yield item._replace(value=(item.value, {})) if isinstance(item, Row) else item
            return
        with closing(copied(stream)) as copy:
            kind = kind_of(copy.read(8))
            copy.seek(0)
            if kind is None:
                yield UnreadableRow("it is neither a Parquet nor an Arrow file", "its beginning")
                return
            features = features_of(schema_metadata(copy, kind, member.name))
            for number, row in enumerate(read_arrow(copy, kind, member.name, options.limits), 1):
                yield Row((row, features), f"row {number}")


def _data(
    container: Container, media: dict[str, Member], table: Member, row: Any, features: dict[str, Any]
) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise ValueError("a row must be an object")
    folder = PurePosixPath(table.name).parent

    def find(path: str) -> str | None:
        member = media.get(str(folder / path)) or media.get(path)
        if member is None:
            return None
        with container.open(member) as stream:
            return container.store_media(member.name, stream)

    data: dict[str, Any] = {}
    for key, value in row.items():
        if key == "file_name" and isinstance(value, str) and (address := find(value)) is not None:
            data[_column_for(value)] = address
        else:
            data[key] = value_of(value, features.get(key), store=container.store_media, find=find, name=key)
    return data


def _column_for(name: str) -> str:
    """Return what the library calls the column of a folder's media files."""
    audio = PurePosixPath(name).suffix.lower() in (".wav", ".mp3", ".flac", ".ogg", ".m4a", ".aiff", ".au")
    return "audio" if audio else "image"


def _example() -> bytes:
    info = b'{"features": {"text": {"_type": "Value"}, "label": {"_type": "ClassLabel", "names": ["good", "bad"]}}}'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("dataset_info.json", info)
        archive.writestr("train.jsonl", '{"text": "The parcel came a day early.", "label": 0}\n')
    return file.getvalue()


FORMAT = ImportFormat(
    name="HUGGINGFACE",
    title="Hugging Face data set",
    description="An archive or folder with tables and dataset_info.json, as the datasets library keeps them: class"
    " numbers become names, media files addresses.",
    extensions=("zip",),
    content_types=("application/zip",),
    example=_example(),
    sniff=sniff,
    read=read,
    sniff_container=sniff_container,
    read_container=read_container,
)
