"""The action that answers the chosen tasks as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.audit.actions import AuditAction
from apps.data_manager.actions.action import TaskAction, Work
from apps.data_manager.actions.option import Choice, Option
from apps.data_manager.conditions import Parameters
from apps.exports.formats import CATALOGUE
from apps.exports.queries import Chosen
from apps.exports.services import ExportStream, export_project, require_fitting
from apps.labeling.config import parse
from apps.projects.models import Project
from apps.projects.policy import Action as Right


def _formats(project: Project) -> list[Choice]:
    """Return the formats that the project's labeling config fits."""
    config = parse(project.label_config)
    return [Choice(entry.name, entry.title) for entry in CATALOGUE.values() if not entry.fits(config)]


def _export(work: Work) -> ExportStream:
    parameters = Parameters()
    chosen = Chosen(work.query.condition(parameters), parameters)
    return export_project(
        project=work.project, exported_by=work.actor, format_name=work.options["export_type"], all_tasks=True,
        chosen=chosen,
    )  # fmt: skip


def _check_format(project: Project, options: Mapping[str, Any]) -> None:
    require_fitting(project, options["export_type"])


EXPORT_SELECTION = TaskAction(
    "export_selection", "Export selected tasks", 85, Right.EXPORT,
    "Download the selected tasks, with all their answers, as a file?", "tasks exported",
    AuditAction.PROJECT_EXPORTED, stream=_export, check=_check_format,
    options=(
        Option("export_type", "Format", "select", "Formats that do not fit the labeling config are left out.",
               choices=_formats, default="JSON"),
    ),
)  # fmt: skip
