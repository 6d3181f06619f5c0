"""What brings tasks in: at once, or as a job. All of an import, or its good rows, or nothing; always with a report."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from apps.accounts.models import User
from apps.core.errors import ValidationFailed
from apps.imports.engine import rows_of_values
from apps.imports.formats import Source
from apps.imports.given import FILE_FORMATS, Given, GivenFile, GivenFolder, GivenRows
from apps.imports.models import Import, Upload
from apps.imports.options import ImportOptions
from apps.imports.running import NO_HOOKS, Hooks, ImportRejected, ImportReport, run_import, run_uploads
from apps.imports.uploads import complete_upload
from apps.jobs.services import enqueue
from apps.projects.models import Project

IMPORT = "import"
"""The kind of the job; its handler is in `jobs`."""


def import_file(
    *,
    project: Project,
    path: Path,
    created_by: User,
    options: ImportOptions | None = None,
    hooks: Hooks = NO_HOOKS,
) -> ImportReport:
    """Import the tasks in the file at `path`.

    Raises:
        ValidationFailed: there is no such file, it cannot be read or breaks off; nothing was imported.
        ImportRejected: rows are bad; nothing was imported.
    """
    try:
        with path.open("rb") as stream:
            return import_stream(
                project=project,
                stream=stream,
                created_by=created_by,
                name=path.name,
                options=options,
                hooks=hooks,
            )
    except OSError as error:
        raise ValidationFailed(f"{path} cannot be read: {error.strerror or error}.") from error


def import_paths(
    *,
    project: Project,
    paths: Sequence[Path],
    created_by: User,
    options: ImportOptions,
    input_format: str = "",
    hooks: Hooks = NO_HOOKS,
    dry: bool = False,
) -> ImportReport:
    """Import files and folders on the server's disk as one: all of it or nothing, or its good rows.

    Args:
        input_format: a format of the Flask era (`json`, `text`, `json-dir`, `image-dir`, …), or empty.
        dry: only find out what would happen.

    Raises:
        ValidationFailed: there is no such file or folder, or it cannot be read; nothing was imported.
        ImportRejected: rows are bad; nothing was imported.
    """
    options = replace(options, format=FILE_FORMATS.get(input_format, options.format))
    row = _new_import(project, created_by, options, source=", ".join(map(str, paths)))
    try:
        with ExitStack() as files:
            given = [_given(path, input_format, files) for path in paths]
            return run_import(row, given, created_by=created_by, hooks=hooks, dry=dry)
    finally:
        if dry:
            row.delete()


def _given(path: Path, input_format: str, files: ExitStack) -> Given:
    if path.is_dir():
        return GivenFolder(path, input_format)
    try:
        stream = files.enter_context(path.open("rb"))
    except OSError as error:
        raise ValidationFailed(f"{path} cannot be read: {error.strerror or error}.") from error
    return GivenFile(Source(path.name, stream, path.stat().st_size))


def import_stream(
    *,
    project: Project,
    stream: IO[bytes],
    created_by: User,
    name: str = "tasks.json",
    options: ImportOptions | None = None,
    hooks: Hooks = NO_HOOKS,
) -> ImportReport:
    """Import the tasks in a seekable stream; raises as `import_file`."""
    row = _new_import(project, created_by, options or ImportOptions(), source=name)
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    return run_import(row, [GivenFile(Source(name, stream, size))], created_by=created_by, hooks=hooks)


def import_uploads(
    *, project: Project, uploads: Sequence[Upload], created_by: User, options: ImportOptions | None = None
) -> ImportReport:
    """Import the tasks in stored files, now; raises as `import_file`."""
    row = prepare_import(project=project, uploads=uploads, created_by=created_by, options=options)
    return run_uploads(row, created_by=created_by)


def import_rows(
    *, project: Project, rows: Iterable[Any], created_by: User, options: ImportOptions | None = None
) -> ImportReport:
    """Import tasks given as JSON values.

    Raises:
        ImportRejected: rows are bad; nothing was imported.
        ValidationFailed: there are none.
    """
    row = _new_import(project, created_by, options or ImportOptions(), source="")
    return run_import(row, [GivenRows(rows_of_values(rows))], created_by=created_by)


@transaction.atomic
def start_import(
    *, project: Project, uploads: Sequence[Upload], created_by: User, options: ImportOptions | None = None
) -> Import:
    """Have stored files imported by a worker and return the import, whose job tells how it goes."""
    row = prepare_import(project=project, uploads=uploads, created_by=created_by, options=options)
    row.job = enqueue(kind=IMPORT, project=project, created_by=created_by, payload={"import": row.pk})
    row.save(update_fields=["job"])
    return row


@transaction.atomic
def prepare_import(
    *, project: Project, uploads: Sequence[Upload], created_by: User, options: ImportOptions | None = None
) -> Import:
    """Write down what is to be imported.

    Raises:
        ValidationFailed: there are no files, or one has not arrived as a whole.
    """
    if not uploads:
        raise ValidationFailed("There is no file to import. Send at least one.")
    files = [complete_upload(upload) for upload in uploads]
    names = ", ".join(upload.name for upload in files)
    row = _new_import(project, created_by, options or ImportOptions(), source=names)
    row.uploads.set(files)
    return row


def _new_import(project: Project, created_by: User, options: ImportOptions, *, source: str) -> Import:
    return Import.objects.create(
        project=project, created_by=created_by, options=options.as_json(), source=source[:500]
    )


__all__ = [
    "IMPORT",
    "ImportRejected",
    "ImportReport",
    "import_file",
    "import_paths",
    "import_rows",
    "import_stream",
    "import_uploads",
    "prepare_import",
    "start_import",
]
