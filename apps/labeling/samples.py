"""Sample tasks and import files for a labeling config; all they name works offline."""

from __future__ import annotations

import json
from typing import Any

from apps.labeling.config import LabelingConfig, ObjectTag

SAMPLES_URL = "/static/samples/"
"""Where the sample files are served: photo.jpg, speech.wav, clip.webm, series.csv, page.html, document.pdf,
dialogue.json."""

_FILES = {
    "Image": "photo.jpg",
    "Audio": "speech.wav",
    "AudioPlus": "speech.wav",
    "Video": "clip.webm",
    "TimeSeries": "series.csv",
    "Paragraphs": "dialogue.json",
}


def sample_task(config: LabelingConfig) -> dict[str, Any]:
    """Return data for a task that `config` can show, without its envelope: `{"image": "/static/…"}`."""
    return {variable: _value(tag) for variable, tag in config.variables.items()}


def _value(tag: ObjectTag) -> Any:
    file = _FILES.get(tag.type)
    return SAMPLES_URL + file if file else "Ada Lovelace wrote to Charles Babbage from London."


def import_example(config: LabelingConfig, format: str) -> str:
    """Return a file of sample tasks that can be imported.

    Args:
        format: `json`, `jsonl`, `csv`, `tsv` or `txt`.

    Raises:
        ValueError: another format.
    """
    if format != "json":
        raise ValueError(f"There is no import example in the format {format}.")
    return json.dumps([{"data": sample_task(config)}], indent=2, ensure_ascii=False)
