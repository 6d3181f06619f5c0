"""Shows how a file would be read, before anything is imported."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from django.core.files.storage import default_storage

from apps.core.errors import ProductError
from apps.imports.formats import Row, Source, format_of, read_rows
from apps.imports.models import Upload
from apps.imports.options import ImportOptions
from apps.imports.rows import BadRow, RowReader
from apps.imports.uploads import complete_upload
from apps.labeling import config as labeling
from apps.projects.models import Project

ROWS = 10


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as it would be read; `problems` is empty when it is good."""

    place: str
    value: Any
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Preview:
    """The beginning of a file.

    Args:
        format: the name of the format it is read as; empty when it has none that is known.
        columns: the keys of its rows' data.
        error: why it cannot be read, or read on.
    """

    format: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[PreviewRow] = field(default_factory=list)
    error: str = ""


def preview_upload(*, upload: Upload, project: Project, options: ImportOptions, limit: int = ROWS) -> Preview:
    """Return the first rows of an upload; what cannot be read ends up in `error`."""
    preview = Preview()
    try:
        with default_storage.open(complete_upload(upload).file) as file:
            _fill(preview, upload, file.file or file, project, options, limit)
    except ProductError as error:
        preview.error = error.message
    return preview


def _fill(
    preview: Preview, upload: Upload, stream: IO[bytes], project: Project, options: ImportOptions, limit: int
) -> None:
    config = labeling.parse(project.label_config)
    source = Source(upload.name, stream, upload.size, store_media=_named_only, url=upload.url)
    entry = options.entry or format_of(source)
    preview.format = entry.name
    reader = RowReader(
        config=config,
        members={},
        imported_by_id=0,
        preannotated_from=options.preannotated_from_fields,
        external_id_key=options.external_id_key,
        strict_results=project.strict_results,
    )
    columns: dict[str, None] = {}
    for item in islice(read_rows(source, entry, options.read_options(config)), limit):
        if not isinstance(item, Row):
            preview.rows.append(PreviewRow(item.place, item.excerpt, [item.problem]))
            continue
        try:
            reader.read(item.value)
            problems = []
        except BadRow as error:
            problems = error.problems
        preview.rows.append(PreviewRow(item.place, item.value, problems))
        columns.update(dict.fromkeys(_data_of(item.value)))
        preview.columns = list(columns)


def _named_only(name: str, stream: IO[bytes]) -> str:
    """Stand for the address that a media file would get: a preview stores nothing."""
    return name


def _data_of(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {}
    return value["data"] if isinstance(value.get("data"), dict) else value
