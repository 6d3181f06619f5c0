"""JSON Lines: the tasks with everything on them, one a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.exports.formats.archive import joined
from apps.exports.formats.format import ExportFormat, ExportOptions


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield `tasks`, as they are, a line each."""
    return joined(_lines(tasks, options), separator=b"")


def _lines(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    for task in tasks:
        options.report.exported += 1
        # Line breaks in JSON stand between values only; inside a text they are written as \n.
        yield task.replace("\n", " ").encode() + b"\n"


FORMAT = ExportFormat(
    name="JSONL",
    title="JSON Lines",
    description="A task on every line, with its data, completions and the ids of its predictions. Imports back.",
    extension="jsonl",
    content_type="application/jsonl",
    write=write,
)
