"""spaCy: texts with entities and categories in JSON Lines, ready to become a DocBin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from apps.exports.formats.archive import joined
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.json_text import dumps
from apps.exports.formats.spans import (
    LabeledText,
    Span,
    TextReader,
    text_or_choices_needed,
    without_overlaps,
)
from apps.exports.formats.tasks import labeled


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield a line for each text: `entities` never overlap, as `doc.ents` wants it; `spans` holds all where they do."""
    return joined(_lines(tasks, options), separator=b"")


def _lines(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    reader = TextReader(options, ("Labels", "Choices"))
    for task, completions in labeled(tasks, options):
        options.report.exported += 1
        for completion in completions:
            for text in reader.read(task, completion):
                yield dumps(_document(text, options)) + b"\n"


def _document(text: LabeledText, options: ExportOptions) -> dict[str, Any]:
    kept, overlapping = without_overlaps(text.spans)
    document: dict[str, Any] = {"id": text.task, "text": text.text, "entities": _triples(kept, first=True)}
    if overlapping or any(len(span.labels) > 1 for span in kept):
        document["spans"] = {"sc": _triples(text.spans)}
    if text.choices:
        chosen = {label for labels in text.choices.values() for label in labels}
        offered = [label for name in text.choices for label in options.config.controls[name].options]
        document["cats"] = {
            label: float(label in chosen) for label in dict.fromkeys([*offered, *sorted(chosen)])
        }
    return document


def _triples(spans: list[Span], *, first: bool = False) -> list[tuple[int, int, str]]:
    return [
        (span.start, span.end, label)
        for span in spans
        for label in (span.labels[:1] if first else span.labels)
    ]


FORMAT = ExportFormat(
    name="SPACY",
    title="spaCy",
    description="Texts with entities and categories in JSON Lines, as spaCy trains on them.",
    extension="jsonl",
    content_type="application/jsonl",
    write=write,
    fits=text_or_choices_needed,
)
