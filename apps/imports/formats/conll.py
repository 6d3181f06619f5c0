"""CoNLL-2003: a token a line, its tag in the last column, a blank line after each sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.imports.formats.answers import Result, required_control, row_with, span, variable_of
from apps.imports.formats.format import (
    ImportFormat,
    Item,
    ReadOptions,
    Row,
    Source,
    UnreadableFile,
    UnreadableRow,
)
from apps.imports.formats.text import TextLines, broken_byte, decode_head, is_text
from apps.labeling.config import ControlTag

EXAMPLE = """-DOCSTART- -X- -X- O

Ada NNP B-NP B-PER
Lovelace NNP I-NP I-PER
lived VBD B-VP O
in IN B-PP O
London NNP B-NP B-LOC
. . O O
"""

_TAG = re.compile(r"^(?:O|[BIESLU]-\S+)$")
_DOCUMENT = "-DOCSTART-"
_STARTS, _ENDS = "BSU", "ESLU"


def sniff(head: bytes, name: str) -> bool:
    """Return whether every line that is not blank ends in a tag, and some are tags of entities."""
    if not is_text(head):
        return False
    lines = [line.split() for line in decode_head(head).lstrip("\ufeff").splitlines()[:200]]
    tags = [columns[-1] for columns in lines[:-1] or lines if len(columns) > 1]
    filled = [columns for columns in lines[:-1] or lines if columns]
    tagged = all(_TAG.match(tag) for tag in tags) and len(tags) == len(filled)
    return bool(tags) and tagged and (any(tag != "O" for tag in tags) or filled[0][0] == _DOCUMENT)


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield a task for each sentence: its tokens with spaces between them, the entities as labels.

    Raises:
        UnreadableFile: there is no sentence, or the config takes no labels of texts.
    """
    control = required_control(options, "labels of texts", "Labels", "HyperTextLabels")
    variable = variable_of(control, options)
    found = False
    for first, sentence in _sentences(TextLines(source.stream, options.encoding, options.limits)):
        found = True
        place = f"line {first}"
        problem = _problem(sentence)
        if problem:
            yield UnreadableRow(problem, place, " ".join(line for line in sentence)[:200])
            continue
        text, result = _labeled([line.split() for line in sentence], control)
        yield Row(row_with({variable: text}, result, options), place)
    if not found:
        raise UnreadableFile("There is no sentence in it.", source.name)


def _sentences(lines: TextLines) -> Iterator[tuple[int, list[str]]]:
    sentence: list[str] = []
    first = 0
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith(_DOCUMENT):
            if sentence:
                yield first, sentence
            sentence = []
            continue
        first = first if sentence else number
        sentence.append(line.strip())
        if len(sentence) > MAX_TOKENS:
            raise UnreadableFile(f"The sentence has more than {MAX_TOKENS:,} tokens.", f"line {first}")
    if sentence:
        yield first, sentence


MAX_TOKENS = 100_000


def _problem(sentence: list[str]) -> str | None:
    for offset, line in enumerate(sentence):
        columns = line.split()
        if len(columns) < 2 or not _TAG.match(columns[-1]):
            shown = line[:40].encode("utf-8", "replace").decode()
            return f'"{shown}" on its line {offset + 1} is no token with a tag such as O or B-PER at its end'
        if not line.isascii() and (byte := broken_byte(line)):
            return f"its line {offset + 1} is not UTF-8 ({byte})"
    return None


def _labeled(sentence: list[list[str]], control: ControlTag) -> tuple[str, list[Result]]:
    text = " ".join(columns[0] for columns in sentence)
    spans: list[tuple[int, int, str]] = []
    position, open_label = 0, ""
    for columns in sentence:
        token, tag = columns[0], columns[-1]
        start, end = position, position + len(token)
        position = end + 1
        if tag == "O":
            open_label = ""
            continue
        prefix, label = tag[0], tag[2:]
        if label == open_label and prefix not in _STARTS:
            spans[-1] = (spans[-1][0], end, label)
        else:
            spans.append((start, end, label))
        open_label = "" if prefix in _ENDS else label
    return text, [span(control, number, text, *found) for number, found in enumerate(spans, 1)]


FORMAT = ImportFormat(
    name="CONLL2003",
    title="CoNLL-2003",
    description="Sentences with named entities: a token a line, its tag (IOB, IOB2 or BIOES) in the last column.",
    extensions=("conll", "iob", "bio"),
    content_types=("text/plain",),
    example=EXAMPLE,
    sniff=sniff,
    read=read,
)
