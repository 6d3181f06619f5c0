"""The action that answers the chosen tasks as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.audit.actions import AuditAction
from apps.data_manager.actions.action import TaskAction, Work
from apps.data_manager.actions.option import Choice, Option
from apps.exports.choice_of_format import require_fitting
from apps.exports.formats import CATALOGUE
from apps.exports.options import ExportSpec, read_spec
from apps.exports.services import ExportStream, export_project
from apps.labeling.config import parse
from apps.projects.models import Project
from apps.projects.policy import Action as Right

_COMPLETIONS = (
    Choice("", "The default of the format"),
    Choice("all", "All of them"),
    Choice("newest", "The newest of each task"),
    Choice("ground_truth_first", "The ground truth, else the newest"),
    Choice("accepted", "Those that a review accepted"),
    Choice("consensus", "One that they agree on: the consensus"),
)
_SKIPPED = (Choice("true", "Go in"), Choice("false", "Are left out"))
_PREDICTIONS = (
    Choice("ids", "Their ids"),
    Choice("full", "The whole of them"),
    Choice("none", "None"),
)
_IDENTITIES = (
    Choice("ids", "By id"),
    Choice("full", "By name and address"),
    Choice("pseudonyms", "By numbers that mean nothing outside the file"),
)


def _formats(project: Project) -> list[Choice]:
    """Return the formats that the project's labeling config fits."""
    config = parse(project.label_config)
    return [Choice(entry.name, entry.title) for entry in CATALOGUE.values() if not entry.fits(config)]


def _spec(options: Mapping[str, Any]) -> ExportSpec:
    return read_spec({**options, "tasks": "all"})


def _export(work: Work) -> ExportStream:
    return export_project(
        project=work.project, exported_by=work.actor, spec=_spec(work.options), query=work.query
    )


def _check_options(project: Project, options: Mapping[str, Any]) -> None:
    require_fitting(project, _spec(options))


EXPORT_SELECTION = TaskAction(
    "export_selection", "Export selected tasks", 85, Right.EXPORT,
    "Download the selected tasks, with all their answers, as a file?", "tasks exported",
    AuditAction.PROJECT_EXPORTED, stream=_export, check=_check_options,
    options=(
        Option("export_type", "Format", "select", "Formats that do not fit the labeling config are left out.",
               choices=_formats, default="JSON"),
        Option("completions", "Completions", "select", required=False, choices=lambda _project: _COMPLETIONS,
               default=""),
        Option("skipped", "Skips", "select", required=False, choices=lambda _project: _SKIPPED, default="true"),
        Option("predictions", "Predictions", "select", required=False, choices=lambda _project: _PREDICTIONS,
               default="ids"),
        Option("identities", "People are named", "select", required=False, choices=lambda _project: _IDENTITIES,
               default="ids"),
    ),
)  # fmt: skip
