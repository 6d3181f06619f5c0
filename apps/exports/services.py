"""Exports that are streamed: tasks of a project as bytes in a format of the catalogue, as they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.data_manager.task_query import TaskQuery
from apps.exports.choice_of_format import normalized, require_fitting
from apps.exports.choosing import chosen_tasks, tasks_of
from apps.exports.cursors import next_cursor
from apps.exports.options import ExportSpec
from apps.exports.writing import Advance, Writer
from apps.projects.models import Project


@dataclass(frozen=True, slots=True)
class ExportStream:
    """An export on its way: its name and type, and the bytes as they come.

    Attributes:
        next_cursor: with which a later export goes on where this one ends; empty for what is no export of tasks.
    """

    filename: str
    content_type: str
    pieces: Iterator[bytes]
    next_cursor: str = ""


def prepare_export(
    *,
    project: Project,
    user: User,
    spec: ExportSpec,
    query: TaskQuery | None = None,
    advance: Advance | None = None,
) -> Writer:
    """Return what writes the export that `spec` asks for, when all of it is right.

    Args:
        project: read for `user`.
        query: which tasks are meant, where the caller has read that already; else `spec` says.
        advance: as of `Writer`.

    Raises:
        ValidationFailed: an option is wrong, there is no such format, or the labeling config does not fit it.
        NotFound: the tab may not be seen.
    """
    spec = normalized(spec)
    export_format = require_fitting(project, spec)
    if spec.media_if_held:
        spec = replace(spec, media=export_format.holds_media, media_if_held=False)
    writer = Writer(
        spec=spec,
        project=project,
        format=export_format,
        chosen=chosen_tasks(spec, project=project, user=user) if query is None else tasks_of(query),
        exported_by=user.pk,
    )
    writer.statement()  # says at once what is wrong with `since`
    if advance is not None:
        writer.advance = advance
    return writer


def export_project(
    *, project: Project, exported_by: User, spec: ExportSpec | None = None, query: TaskQuery | None = None,
    advance: Advance | None = None,
) -> ExportStream:  # fmt: skip
    """Start an export of `project`; nothing of it is kept.

    Args:
        spec: default: the labeled tasks as JSON.
        query, advance: as of `prepare_export`.

    Raises:
        ValidationFailed, NotFound: as `prepare_export`.
    """
    cursor = next_cursor()
    writer = prepare_export(
        project=project, user=exported_by, spec=spec or ExportSpec(), query=query, advance=advance
    )
    record_export(writer, exported_by, selection=query is not None)
    return ExportStream(
        filename=filename_of(project, writer.extension),
        content_type=writer.content_type,
        pieces=writer.pieces(),
        next_cursor=cursor,
    )


def converted_stream(*, project: Project, user: User, format_name: str, tasks: Iterable[str]) -> ExportStream:
    """Start the conversion of tasks that were exported as JSON into another format.

    Raises:
        ValidationFailed: there is no such format, or the labeling config does not fit it.
    """
    writer = prepare_export(project=project, user=user, spec=ExportSpec(format=format_name))
    record_export(writer, user, converted=True)
    return ExportStream(
        filename=filename_of(project, writer.extension),
        content_type=writer.content_type,
        pieces=writer.written(tasks),
    )


def record_export(writer: Writer, exported_by: User, **about: object) -> None:
    """Write into the audit log who exported what."""
    project = writer.project
    record(
        AuditAction.PROJECT_EXPORTED, actor=exported_by, target=project, project_id=project.pk,
        after={**writer.spec.document(), **about},
    )  # fmt: skip


def filename_of(project: Project, extension: str) -> str:
    """Return what an export that begins now is called."""
    now = timezone.now()
    tail = hashlib.sha256(f"{project.pk} {now.isoformat()}".encode()).hexdigest()[:8]
    return f"project-{project.pk}-at-{now:%Y-%m-%d-%H-%M}-{tail}.{extension}"
