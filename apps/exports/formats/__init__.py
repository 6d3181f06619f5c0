"""Export formats, one module each, all of one shape: `FORMAT` and `write(tasks, options)`."""

from __future__ import annotations

from apps.exports.formats import (
    asr,
    brush_numpy,
    brush_png,
    coco,
    completions,
    conll,
    csv,
    huggingface,
    json,
    json_min,
    jsonl,
    parquet,
    prodigy,
    spacy,
    timeline,
    tsv,
    voc,
    xlsx,
    yolo,
)
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.report import Report

_FORMATS = (
    json.FORMAT,
    json_min.FORMAT,
    jsonl.FORMAT,
    csv.FORMAT,
    tsv.FORMAT,
    xlsx.FORMAT,
    parquet.FORMAT,
    huggingface.FORMAT,
    conll.FORMAT,
    spacy.FORMAT,
    prodigy.FORMAT,
    coco.FORMAT,
    voc.FORMAT,
    yolo.FORMAT,
    yolo.ORIENTED,
    yolo.SEGMENTS,
    brush_numpy.FORMAT,
    brush_png.FORMAT,
    coco.MASKS,
    asr.FORMAT,
    timeline.FORMAT,
    completions.FORMAT,
)
CATALOGUE: dict[str, ExportFormat] = {entry.name: entry for entry in _FORMATS}
"""Every format by its name, in the order of pages; the page, the API and the command line read it."""

__all__ = ["CATALOGUE", "ExportFormat", "ExportOptions", "Report"]
