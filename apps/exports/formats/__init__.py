"""Export formats, one module each, all of one shape: `FORMAT` and `write(tasks)`."""

from __future__ import annotations

from apps.exports.formats import json
from apps.exports.formats.format import ExportFormat

CATALOGUE: dict[str, ExportFormat] = {entry.name: entry for entry in (json.FORMAT,)}
"""Every format by its name; the page, the API and the command line read it."""

__all__ = ["CATALOGUE", "ExportFormat"]
