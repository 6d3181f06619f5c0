"""Exports that are kept as a file: begun, converted into other formats, downloaded, deleted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import NotFound, ProductError, ValidationFailed
from apps.data_manager.task_query import TaskQuery
from apps.exports.cursors import next_cursor
from apps.exports.models import Export
from apps.exports.options import ExportSpec, read_spec
from apps.exports.queries import count_tasks, count_tasks_quickly
from apps.exports.services import filename_of, prepare_export, record_export
from apps.exports.snapshot_files import SNAPSHOT_FORMAT, tasks_in
from apps.exports.storing import Finish, publish, store_pieces
from apps.exports.writing import Writer
from apps.jobs.models import ACTIVE_STATUSES
from apps.jobs.services import cancel, enqueue
from apps.projects.locks import lock_project
from apps.projects.models import Project

EXPORT = "export"
"""The kind of the job; its handler is in `jobs`."""

MAX_TITLE = 200
Advance = Callable[[int, int], None]


def create_export(
    *, project: Project, created_by: User, spec: ExportSpec, title: str = "", query: TaskQuery | None = None
) -> Export:
    """Export into a file that is kept: at once when the tasks are few, else as a job.

    Args:
        project: read for `created_by`.
        query: which tasks are meant, instead of what `spec` says; then it is made at once.

    Raises:
        ValidationFailed: an option is wrong, or the format does not fit the project.
        NotFound: the tab may not be seen, or the project was deleted.
        StorageFull: there is no room for the file.
    """
    writer = prepare_export(project=project, user=created_by, spec=spec, query=query)
    count = count_tasks_quickly(writer.statement())
    is_job = query is None and (writer.spec.media or count is None or count > settings.EXPORT_SYNC_TASKS)
    with transaction.atomic():
        lock_project(project.pk)
        row = _new_row(writer, created_by, title=title)
        record_export(writer, created_by, export=row.pk)
        if is_job:
            _enqueue(row)
    return row if is_job else _made_now(row, writer)


def convert_export(
    *, project: Project, row: Export, converted_by: User, format_name: str, media: bool = False
) -> Export:
    """Make the file of an export in JSON into another format; one that is there or on its way is returned.

    Args:
        project: read for `converted_by`.

    Raises:
        ValidationFailed: there is no such format, it does not fit, or there is no file that could be converted.
        StorageFull: there is no room for the file.
    """
    if row.format != SNAPSHOT_FORMAT or not row.has_file or row.options.get("parts"):
        raise ValidationFailed(
            "Only an export as JSON that is complete and not split can be converted. Export once more."
        )
    writer = prepare_export(
        project=project, user=converted_by,
        spec=read_spec({**_of_writing(row), "format": format_name, "media_if_held": media}),
    )  # fmt: skip
    is_job = writer.spec.media or row.task_count > settings.EXPORT_SYNC_TASKS
    with transaction.atomic():
        Export.objects.select_for_update().get(pk=row.pk)  # two who ask at once get one conversion
        if present := _present_conversion(row, writer):
            return present
        made = _new_row(writer, converted_by, title=row.title, snapshot=row)
        record_export(writer, converted_by, export=made.pk, converted_from=row.pk)
        if is_job:
            _enqueue(made)
    return made if is_job else _made_now(made, writer)


def export_for(user: User, project: Project, export_id: int) -> Export:
    """Return a kept export of a project that `user` may see.

    Raises:
        NotFound: there is none.
    """
    found = Export.objects.for_user(user).filter(project=project, pk=export_id)
    row: Export | None = found.select_related("job", "created_by", "project").first()
    if row is None:
        raise NotFound(f"There is no export {export_id} in this project.")
    return row


def delete_export(*, row: Export, deleted_by: User) -> None:
    """Delete an export, its conversions and their files; one that is being made is stopped.

    Raises:
        NotFound: it was deleted already.
    """
    with transaction.atomic():
        locked = list(Export.objects.select_for_update().filter(pk=row.pk))
        if not locked:
            raise NotFound(f"There is no export {row.pk}.")
        rows = [*locked, *Export.objects.select_for_update().filter(snapshot=row.pk).order_by("pk")]
        jobs = [one.job for one in rows if one.job is not None and one.job.status in ACTIVE_STATUSES]
        for job in jobs:
            with suppress(ValidationFailed):  # it has just ended by itself
                cancel(job=job, cancelled_by=deleted_by)
        files = [one.file for one in rows if one.file]
        Export.objects.filter(pk__in=[one.pk for one in rows]).delete()
    for name in files:
        default_storage.delete(name)


def record_download(row: Export, downloaded_by: User) -> None:
    """Write into the audit log that somebody took the file of a kept export."""
    record(
        AuditAction.PROJECT_EXPORTED, actor=downloaded_by, target=row.project, project_id=row.project_id,
        after={"downloaded": row.pk, "format": row.format},
    )  # fmt: skip


def make(
    row: Export, writer: Writer, *, advance: Advance = lambda _read, _of: None, finish: Finish | None = None
) -> Export:
    """Write the file of an export and publish it.

    Args:
        row: with its project.
        advance: told how many tasks were read, of how many; what it raises ends the work, and nothing is left.
        finish: as of `publish`.
    """
    source = row.snapshot
    total = count_tasks(writer.statement()) if source is None else source.task_count

    def read(done: int) -> None:
        advance(done, max(done, total))

    writer.advance = read
    pieces = writer.pieces() if source is None else writer.written(writer.counted(tasks_in(source)))
    stored = store_pieces(pieces, project_id=row.project_id, filename=row.filename)
    return publish(export_id=row.pk, stored=stored, writer=writer, finish=finish or (lambda _result: None))


def note_failure(row: Export, error: str) -> None:
    """Keep why an export came to nothing."""
    Export.objects.filter(pk=row.pk).update(error=error[:2000], finished_at=timezone.now())


def _made_now(row: Export, writer: Writer) -> Export:
    try:
        return make(row, writer)
    except Exception as error:
        note_failure(
            row, error.message if isinstance(error, ProductError) else "The server could not finish it."
        )
        raise


def _new_row(writer: Writer, created_by: User, *, title: str, snapshot: Export | None = None) -> Export:
    return Export.objects.create(
        project=writer.project, created_by=created_by, title=title[:MAX_TITLE], format=writer.format.name,
        options=writer.spec.document(), snapshot=snapshot, filename=filename_of(writer.project, writer.extension),
        next_cursor=snapshot.next_cursor if snapshot else next_cursor(),
    )  # fmt: skip


def _enqueue(row: Export) -> None:
    row.job = enqueue(kind=EXPORT, project=row.project, created_by=row.created_by, payload={"export": row.pk})
    row.save(update_fields=["job"])


def _of_writing(row: Export) -> dict[str, Any]:
    """Return the options of an export that say how it is written, not what goes in: that is in its file."""
    return {name: row.options[name] for name in ("tagging", "completions") if name in row.options}


def _present_conversion(row: Export, writer: Writer) -> Export | None:
    same = row.conversions.filter(format=writer.format.name, options=writer.spec.document())
    one: Export
    for one in same.select_related("job", "created_by", "project").order_by("-pk"):
        if one.is_active or one.has_file:
            return one
    return None
