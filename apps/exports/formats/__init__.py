"""Export formats, one module each, all of one shape: `FORMAT` and `write(tasks, options)`."""

from __future__ import annotations

from apps.exports.formats import csv, json, json_min, jsonl, tsv
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.report import Report

CATALOGUE: dict[str, ExportFormat] = {
    module.FORMAT.name: module.FORMAT for module in (json, json_min, jsonl, csv, tsv)
}
"""Every format by its name; the page, the API and the command line read it."""

__all__ = ["CATALOGUE", "ExportFormat", "ExportOptions", "Report"]
