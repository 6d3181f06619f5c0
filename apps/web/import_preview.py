"""The step between uploading and importing: how each file is read, what its first rows become, what they fill."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps.imports.formats import CATALOGUE
from apps.imports.models import Upload
from apps.imports.options import ImportOptions
from apps.imports.preview import Preview, PreviewRow, preview_upload
from apps.labeling.config import LabelingConfig
from apps.projects.models import Project
from apps.web.data_values import shorten

MAX_PANELS = 12
"""How many files are opened for a preview; what more there are is only counted."""

MAX_COLUMNS = 12
MAX_THUMBNAILS = 12
MEDIA_TYPES = ("image/", "audio/", "video/")
TABLES = ("CSV", "TSV")
ANNOTATED = frozenset({"COCO", "CONLL2003", "HUGGINGFACE", "PRODIGY", "SPACY", "VOC", "YOLO"})
"""Formats whose labels become completions or predictions, as the person decides."""

_ANSWERS = (
    ("annotations", "completion"),
    ("completions", "completion"),
    ("predictions", "prediction"),
)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of a preview: one cell a column, how many answers it brings, what is wrong with it."""

    place: str
    cells: list[str]
    answers: str
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A variable of the config and the column that fills it; no column: the file has none."""

    variable: str
    field_name: str
    column: str
    shown_by: str


@dataclass(frozen=True, slots=True)
class FilePanel:
    """One file of the preview.

    Args:
        chosen_format: what the person chose; empty: found out.
        columns: of the file itself.
        shown_columns: of the tasks, as many as a table can show.
    """

    upload: Upload
    options: ImportOptions
    format: str
    chosen_format: str
    columns: list[str]
    shown_columns: list[str]
    mapping: list[Mapped]
    rows: list[ShownRow]
    error: str

    @property
    def title(self) -> str:
        """The format's name for people."""
        return CATALOGUE[self.format].title if self.format else "Unknown format"

    @property
    def is_table(self) -> bool:
        """Whether it may also be one task's time series."""
        return self.format in TABLES

    @property
    def shared_problems(self) -> list[str]:
        """What is wrong with every row that is shown, where that is the same: it is the file's problem then."""
        first = self.rows[0].problems if len(self.rows) > 1 else []
        return first if all(row.problems == first for row in self.rows) else []

    @property
    def bad_rows(self) -> int:
        """How many of the rows that are shown cannot be imported."""
        return sum(1 for row in self.rows if row.problems)


@dataclass(slots=True)
class ImportPreview:
    """All files that wait to be imported.

    Args:
        media: images, recordings and videos: each is one task.
        media_error: why they cannot be imported.
        unopened: files beyond `MAX_PANELS`.
    """

    uploads: Sequence[Upload]
    panels: list[FilePanel] = field(default_factory=list)
    media: list[Upload] = field(default_factory=list)
    media_error: str = ""
    unopened: list[Upload] = field(default_factory=list)

    @property
    def ids(self) -> str:
        """Their ids, as the form sends them."""
        return ",".join(str(upload.pk) for upload in self.uploads)

    @property
    def thumbnails(self) -> list[Upload]:
        """The first of the media files that are pictures."""
        return [one for one in self.media if one.content_type.startswith("image/")][:MAX_THUMBNAILS]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(upload.size for upload in self.uploads)

    @property
    def columns(self) -> list[str]:
        """The keys that tasks will have, of all files."""
        return list(dict.fromkeys(column for panel in self.panels for column in panel.shown_columns))

    @property
    def brings_labels(self) -> bool:
        """Whether labels of an annotated set may be in it: somebody has to say what they become."""
        return any(panel.format in ANNOTATED or _has_answers(panel) for panel in self.panels)

    @property
    def bad_rows(self) -> int:
        """How many of the rows shown are bad."""
        return sum(panel.bad_rows for panel in self.panels)

    @property
    def is_importable(self) -> bool:
        """Whether anything can be imported as it stands."""
        unreadable = [panel for panel in self.panels if panel.error and not panel.rows]
        return bool(self.uploads) and not unreadable and not self.media_error

    def file_options(self) -> dict[str, ImportOptions]:
        """Return how each opened file is to be read, by its name in the storage."""
        return {
            panel.upload.file: replace(panel.options, format=panel.format)
            for panel in self.panels
            if panel.format
        }


def preview_import(
    *, project: Project, config: LabelingConfig, uploads: Sequence[Upload], given: Mapping[str, str]
) -> ImportPreview:
    """Return how `uploads` would be read; of each file only the beginning is.

    Args:
        given: fields of the form: `format-ID`, `csv_as-ID` and `column-ID-VARIABLE` for the upload ID.
    """
    preview = ImportPreview(uploads)
    for upload in uploads:
        if upload.content_type.startswith(MEDIA_TYPES) and not given.get(f"format-{upload.pk}"):
            preview.media.append(upload)
        elif len(preview.panels) < MAX_PANELS:
            preview.panels.append(_panel(project, config, upload, given))
        else:
            preview.unopened.append(upload)
    if preview.media:
        first = preview_upload(upload=preview.media[0], project=project, options=ImportOptions(), limit=1)
        preview.media_error = first.error or "; ".join(
            problem for row in first.rows for problem in row.problems
        )
    return preview


def _panel(project: Project, config: LabelingConfig, upload: Upload, given: Mapping[str, str]) -> FilePanel:
    chosen = given.get(f"format-{upload.pk}", "")
    options = ImportOptions(format=chosen if chosen in CATALOGUE else "")
    preview = preview_upload(upload=upload, project=project, options=options)
    if preview.format in TABLES and _is_series(given.get(f"csv_as-{upload.pk}"), config, preview.columns):
        options = replace(options, csv_as="time series")
        preview = preview_upload(upload=upload, project=project, options=options)
    columns = preview.columns
    mapping = _mapping(config, upload, columns, given)
    renamed = {one.variable: one.column for one in mapping if one.column and one.column != one.variable}
    if renamed:
        options = replace(options, columns=renamed)
        preview = preview_upload(upload=upload, project=project, options=options)
    shown = sorted(preview.columns, key=lambda column: column not in config.variables)[:MAX_COLUMNS]
    return FilePanel(
        upload=upload, options=options, format=preview.format, chosen_format=options.format, columns=columns,
        shown_columns=shown, mapping=mapping, rows=_shown_rows(preview, shown), error=preview.error,
    )  # fmt: skip


def _is_series(given: str | None, config: LabelingConfig, columns: list[str]) -> bool:
    """Whether a table is one task: as it was chosen, else where a time series is all that the config shows."""
    if given is not None:
        return given == "time series"
    shown = config.variables
    return len(shown) == 1 and all(
        tag.type == "TimeSeries" and name not in columns for name, tag in shown.items()
    )


def _mapping(
    config: LabelingConfig, upload: Upload, columns: list[str], given: Mapping[str, str]
) -> list[Mapped]:
    """Return which column fills which variable; nothing where each has the column of its name and there are no more."""
    variables = {name: tag for name, tag in config.variables.items() if "." not in name}
    if not columns or set(columns) <= set(variables):
        return []
    mapped = []
    for variable, tag in variables.items():
        name = f"column-{upload.pk}-{variable}"
        column = given.get(name)
        if column is None or (column and column not in columns):
            column = _guessed(variable, columns, others=variables)
        mapped.append(Mapped(variable, name, column, tag.type))
    return mapped


def _guessed(variable: str, columns: list[str], others: Iterable[str]) -> str:
    """Return the column that most likely fills a variable: by its name, else the only one there is."""
    if variable in columns:
        return variable
    free = [column for column in columns if column not in set(others)]
    alike = [column for column in free if _plain(column) == _plain(variable)]
    if alike:
        return alike[0]
    return free[0] if len(free) == 1 and len(list(others)) == 1 else ""


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _shown_rows(preview: Preview, columns: list[str]) -> list[ShownRow]:
    return [
        ShownRow(row.place, _cells(row, columns), _answers(row.value), row.problems) for row in preview.rows
    ]


def _cells(row: PreviewRow, columns: list[str]) -> list[str]:
    if not isinstance(row.value, dict):
        return [shorten(row.value), *[""] * (len(columns) - 1)]
    data = row.value["data"] if isinstance(row.value.get("data"), dict) else row.value
    return [shorten(data[column]) if column in data else "" for column in columns]


def _answers(value: Any) -> str:
    if not isinstance(value, dict) or not isinstance(value.get("data"), dict):
        return ""
    counted = [
        f"{len(value[key])} {noun}{'' if len(value[key]) == 1 else 's'}"
        for key, noun in _ANSWERS
        if isinstance(value.get(key), list) and value[key]
    ]
    return ", ".join(counted)


def _has_answers(panel: FilePanel) -> bool:
    """Whether an archive brings labels; tasks in JSON say themselves what their answers are."""
    return panel.format in ("ZIP", "TAR", "COMPRESSED") and any(row.answers for row in panel.rows)
