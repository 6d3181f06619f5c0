"""JSON_MIN: a list of flat objects, one a completion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.exports.formats.archive import joined
from apps.exports.formats.columns import flat_rows
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.json_text import dumps


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield a JSON list with an object for each completion."""
    yield b"[\n"
    yield from joined(dumps(row) for row in flat_rows(tasks, options))
    yield b"\n]\n"


FORMAT = ExportFormat(
    name="JSON_MIN",
    title="JSON, short",
    description="A list of flat objects: the task's data, its id, and an answer for each control.",
    extension="json",
    content_type="application/json",
    write=write,
)
