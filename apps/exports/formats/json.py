"""JSON: the tasks with everything on them, as one list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.exports.formats.format import ExportFormat, ExportOptions

PIECE_BYTES = 64 * 1024
"""Tasks are joined to pieces of about this size, so that small tasks do not cost a write each."""


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield a JSON list of `tasks`, as they are."""
    separator, piece, size = "[\n", [], 0
    for task in tasks:
        piece.append(separator + task)
        size += len(task)
        separator = ",\n"
        options.report.exported += 1
        if size >= PIECE_BYTES:
            yield "".join(piece).encode()
            piece, size = [], 0
    yield ("".join(piece) + ("[]\n" if separator == "[\n" else "\n]\n")).encode()


FORMAT = ExportFormat(
    name="JSON",
    title="JSON",
    description="A list of tasks with their data, completions and the ids of their predictions. Imports back.",
    extension="json",
    content_type="application/json",
    write=write,
)
