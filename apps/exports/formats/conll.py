"""CoNLL-2003: a token a line with its tag behind it, a blank line after each text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from apps.exports.formats.archive import joined
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.spans import LabeledText, Span, TextReader, text_needed, without_overlaps
from apps.exports.formats.tasks import labeled

_SPACE = re.compile(r"\s+")


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield each labeled text; tokens are parted by white space, and where a span begins or ends."""
    yield b"-DOCSTART- -X- O\n\n"
    yield from joined(_texts(tasks, options), separator=b"")


def _texts(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    reader = TextReader(options)
    for task, completions in labeled(tasks, options):
        options.report.exported += 1
        for completion in completions:
            for text in reader.read(task, completion):
                if lines := _lines(text, options):
                    yield lines.encode("utf-8", "replace")


def _lines(text: LabeledText, options: ExportOptions) -> str:
    spans, overlapping = without_overlaps(text.spans)
    for span in overlapping:
        _complain(text, span, "it overlaps the one before it and is left out", options)
    for span in spans:
        if len(span.labels) > 1:
            _complain(text, span, f"of its {len(span.labels)} labels only the first is written", options)
    lines: list[str] = []
    position = 0
    for span in spans:
        lines += [f"{token} -X- _ O\n" for token in text.text[position : span.start].split()]
        tokens = text.text[span.start : span.end].split()
        lines += _tagged(tokens, _SPACE.sub("_", span.labels[0].strip()) or "_", options.tagging)
        position = span.end
    lines += [f"{token} -X- _ O\n" for token in text.text[position:].split()]
    return "".join(lines) + "\n" if lines else ""


def _complain(text: LabeledText, span: Span, problem: str, options: ExportOptions) -> None:
    options.report.add(
        f"a span cannot be told in CoNLL as it is: {problem}",
        task=text.task, completion=text.completion, region=span.region,
    )  # fmt: skip


def _tagged(tokens: list[str], label: str, tagging: str) -> list[str]:
    if tagging == "IOBES" and len(tokens) == 1:
        return [f"{tokens[0]} -X- _ S-{label}\n"]
    lines = [f"{token} -X- _ {'I' if place else 'B'}-{label}\n" for place, token in enumerate(tokens)]
    if tagging == "IOBES" and tokens:
        lines[-1] = f"{tokens[-1]} -X- _ E-{label}\n"
    return lines


FORMAT = ExportFormat(
    name="CONLL2003",
    title="CoNLL-2003",
    description="Texts with named entities: a token a line, with its tag (BIO) in the last column.",
    extension="conll",
    content_type="text/plain; charset=utf-8",
    write=write,
    fits=text_needed,
)
