"""Finds the export format that somebody asks for, by the names of this server and those of others."""

from __future__ import annotations

from dataclasses import replace

from apps.core.errors import ValidationFailed
from apps.exports.formats import CATALOGUE, ExportFormat
from apps.exports.options import ExportSpec
from apps.labeling.config import parse
from apps.projects.models import Project

# What the Label Studio API calls them: those with images are the same formats with media.
_WITH_MEDIA = {
    "COCO_WITH_IMAGES": "COCO",
    "YOLO_WITH_IMAGES": "YOLO",
    "YOLO_OBB_WITH_IMAGES": "YOLO_OBB",
}


def normalized(spec: ExportSpec) -> ExportSpec:
    """Return `spec` under this server's names of formats."""
    if spec.format in _WITH_MEDIA:
        return replace(spec, format=_WITH_MEDIA[spec.format], media=True)
    return spec


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


def require_fitting(project: Project, spec: ExportSpec) -> ExportFormat:
    """Return the format that `spec` names, when the project's labeling config fits it and it can hold what is asked.

    Raises:
        ValidationFailed: there is no such format, the config does not fit it, or it cannot hold media files.
    """
    export_format = find_format(spec.format)
    if reason := export_format.fits(parse(project.label_config)):
        message = f"The project cannot be exported as {export_format.name}: it {reason}."
        raise ValidationFailed(message, fields={"export_type": [message]})
    if spec.media and not export_format.holds_media:
        holding = ", ".join(entry.name for entry in CATALOGUE.values() if entry.holds_media)
        message = f"{export_format.name} is one file, which cannot hold media. These formats can: {holding}."
        raise ValidationFailed(message, fields={"media": [message]})
    return export_format


def holds_media(export_format: ExportFormat) -> bool:
    """Whether media files can go into the file."""
    return export_format.holds_media
