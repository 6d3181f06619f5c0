"""Exports: labeled tasks of a project as a stream of bytes in a format of the catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from apps.accounts.models import User
from apps.audit.actions import AuditAction
from apps.audit.services import record
from apps.core.errors import ValidationFailed
from apps.exports.formats import CATALOGUE, ExportFormat, ExportOptions
from apps.exports.queries import Chosen, exported_tasks
from apps.labeling.config import parse
from apps.projects.models import Project


@dataclass(frozen=True, slots=True)
class ExportStream:
    """An export on its way: its name and type, and the bytes as they come."""

    filename: str
    content_type: str
    pieces: Iterator[bytes]


def find_format(name: str) -> ExportFormat:
    """Return the export format of this name, in any case.

    Raises:
        ValidationFailed: there is none; the message lists those there are.
    """
    found = CATALOGUE.get(name.upper())
    if found is None:
        known = ", ".join(sorted(CATALOGUE))
        message = f'There is no export format "{name[:40]}". Choose one of: {known}.'
        raise ValidationFailed(message, fields={"export_type": [message]})
    return found


def require_fitting(project: Project, format_name: str) -> ExportFormat:
    """Return an export format that the project's labeling config fits.

    Raises:
        ValidationFailed: there is no such format, or the config does not fit it.
    """
    export_format = find_format(format_name)
    if reason := export_format.fits(parse(project.label_config)):
        message = f"The project cannot be exported as {export_format.name}: it {reason}."
        raise ValidationFailed(message, fields={"export_type": [message]})
    return export_format


def export_project(
    *, project: Project, exported_by: User, format_name: str = "JSON", all_tasks: bool = False,
    chosen: Chosen | None = None,
) -> ExportStream:  # fmt: skip
    """Start an export of `project`.

    Args:
        all_tasks: also tasks that nobody has answered yet.
        chosen: only these tasks; None: any.

    Raises:
        ValidationFailed: there is no such format, or the project's labeling config does not fit it.
    """
    export_format = require_fitting(project, format_name)
    record(
        AuditAction.PROJECT_EXPORTED, actor=exported_by, target=project, project_id=project.pk,
        after={"format": export_format.name, "all_tasks": all_tasks, "selection": chosen is not None},
    )  # fmt: skip
    now = timezone.now()
    tail = hashlib.sha256(f"{project.pk} {now.isoformat()}".encode()).hexdigest()[:8]
    return ExportStream(
        filename=f"project-{project.pk}-at-{now:%Y-%m-%d-%H-%M}-{tail}.{export_format.extension}",
        content_type=export_format.content_type,
        pieces=export_format.write(
            exported_tasks(project, all_tasks=all_tasks, chosen=chosen),
            ExportOptions(config=parse(project.label_config)),
        ),
    )
