"""Timeline: a CSV row for each label of each region in time, of sounds and time series."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from apps.core.formula_cells import neutralized
from apps.exports.formats.archive import joined
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.tables import as_text
from apps.exports.formats.tasks import Completion, Task, labeled, results, shown_value
from apps.labeling.config import LabelingConfig
from apps.labeling.tags import registry

COLUMNS = ("task", "completion", "source", "control", "region", "start", "end", "instant", "label", "text")
TIMED = ("Audio", "AudioPlus", "TimeSeries", "Video")


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield the table; start and end are seconds in sounds, and values of the time column in time series."""
    return joined(_lines(tasks, options), separator=b"")


def _lines(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")  # quotes cells that hold either
    writer.writerow(COLUMNS)
    yield _taken(buffer)
    keys = _label_keys(options.config)
    for task, completions in labeled(tasks, options):
        options.report.exported += 1
        for completion in completions:
            for row in _rows(task, completion, keys, options):
                writer.writerow([neutralized(as_text(cell)) for cell in row])
                yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    line = buffer.getvalue().removesuffix("\r\n").encode() + b"\n"
    buffer.seek(0)
    buffer.truncate()
    return line


def _label_keys(config: LabelingConfig) -> dict[str, str]:
    """Return the controls that label regions in time, each with the key of its labels."""
    return {
        name: registry()[control.type].value
        for name, control in config.controls.items()
        if registry()[control.type].region
        and any(shown in config.objects and config.objects[shown].type in TIMED for shown in control.to_names)
    }


def _rows(
    task: Task, completion: Completion, keys: dict[str, str], options: ExportOptions
) -> Iterator[tuple[Any, ...]]:
    items = [item for item in results(completion) if isinstance(item.get("value"), dict)]
    said = {item.get("id"): item["value"]["text"] for item in items if item.get("type") == "textarea"
            and "text" in item["value"]}  # fmt: skip
    for item in items:
        key, value = keys.get(item.get("from_name") or ""), item["value"]
        if key is None:
            continue
        if not isinstance(value.get("start"), int | float | str) or not isinstance(
            value.get("end"), int | float | str
        ):
            options.report.add(
                "a region without a start and an end: it is left out",
                task=task.get("id"), completion=completion.get("id"), region=item.get("id"),
            )  # fmt: skip
            continue
        shown = options.config.objects.get(item.get("to_name") or "")
        source = shown_value(options.config, shown, task) if shown else None
        text = said.get(item.get("id"))
        labels = value.get(key)
        for label in labels if labels and isinstance(labels, list) else [labels]:
            yield (
                task.get("id"), completion.get("id"), source if isinstance(source, str) else None,
                item["from_name"], item.get("id"), value["start"], value["end"], value.get("instant", False), label,
                " ".join(map(str, text)) if isinstance(text, list) else text,
            )  # fmt: skip


def fits(config: LabelingConfig) -> str | None:
    """Let configs pass that label regions in time."""
    return None if _label_keys(config) else "needs Labels on AudioPlus or TimeSeriesLabels on TimeSeries"


FORMAT = ExportFormat(
    name="TIMELINE",
    title="Timeline",
    description="A CSV row for each labeled region in a recording or a time series, with its start and end.",
    extension="csv",
    content_type="text/csv; charset=utf-8",
    write=write,
    fits=fits,
)
