"""spaCy and doccano: texts with entities, and categories, in JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.imports.formats import jsonl
from apps.imports.formats.answers import (
    Result,
    choice,
    control_for,
    required_control,
    row_with,
    span,
    variable_of,
)
from apps.imports.formats.format import ImportFormat, Item, ReadOptions, Row, Source, UnreadableRow

EXAMPLE = """{"text": "Ada Lovelace lived in London.", "entities": [[0, 12, "PER"], [22, 28, "LOC"]]}
["Grace Hopper came later.", {"entities": [[0, 12, "PER"]], "cats": {"good": 1.0, "bad": 0.0}}]
"""
_SPANS = ("entities", "ents", "label", "labels")
_KEYS = frozenset({"text", "cats", "tokens", "sents", "meta", "id", *_SPANS})


def sniff(head: bytes, name: str) -> bool:
    """Return whether the first line is a text with a list of entities."""
    first = (jsonl.first_lines(head, 1) or [None])[0]
    document = _document(first)
    return document is not None and any(_are_spans(document.get(key)) for key in _SPANS)


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield a task for each text; keys that are no labels stay in its data or become its meta.

    Raises:
        UnreadableFile: broken; or the config takes no labels of texts.
    """
    for item in jsonl.read(source, options):
        if isinstance(item, UnreadableRow):
            yield item
            continue
        document = _document(item.value)
        if document is None:
            yield UnreadableRow('it is no object with a "text" and a list of "entities"', item.place)
            continue
        try:
            yield Row(_row(document, options), item.place)
        except ValueError as error:
            yield UnreadableRow(str(error), item.place)


def _document(line: Any) -> dict[str, Any] | None:
    if isinstance(line, list) and len(line) == 2 and isinstance(line[0], str) and isinstance(line[1], dict):
        return {**line[1], "text": line[0]}
    return line if isinstance(line, dict) and isinstance(line.get("text"), str) else None


def _are_spans(found: Any) -> bool:
    if not isinstance(found, list) or not found:
        return False
    first = found[0]
    if isinstance(first, dict):
        return {"start", "end", "label"} <= set(first)
    return (
        isinstance(first, list)
        and len(first) == 3
        and isinstance(first[0], int)
        and isinstance(first[2], str)
    )


def _row(document: dict[str, Any], options: ReadOptions) -> dict[str, Any]:
    control = required_control(options, "labels of texts", "Labels", "HyperTextLabels")
    text = document["text"]
    key = next((key for key in _SPANS if isinstance(document.get(key), list)), None)
    result: list[Result] = []
    for number, found in enumerate(document[key] if key else (), 1):
        result.append(span(control, number, text, *checked_span(found, text)))
    chosen = [str(name) for name, score in _categories(document).items() if score and score >= 0.5]
    choices = control_for(options, "Choices")
    if chosen and choices is not None:
        result.append(choice(choices, chosen))
    row = row_with({variable_of(control, options): text}, result, options)
    rest = {name: value for name, value in document.items() if name not in _KEYS}
    if isinstance(document.get("meta"), dict):
        row["meta"] = document["meta"]
    row["data"] = {**rest, **row["data"]}
    return row


def _categories(document: dict[str, Any]) -> dict[str, float]:
    found = document.get("cats") or {}
    if not isinstance(found, dict) or not all(isinstance(score, int | float) for score in found.values()):
        raise ValueError('"cats" must be an object with a number for each category')
    return found


def checked_span(found: Any, text: str) -> tuple[int, int, str]:
    """Return start, end and label of an entity.

    Raises:
        ValueError: it is none, or lies outside of the text.
    """
    parts = [found.get("start"), found.get("end"), found.get("label")] if isinstance(found, dict) else found
    if not isinstance(parts, list) or len(parts) < 3 or not isinstance(parts[2], str):
        raise ValueError("an entity must be [start, end, label]")
    start, end, label = parts[:3]
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise ValueError(
            f"the entity [{start}, {end}, {label}] lies outside of the text's {len(text)} characters"
        )
    return start, end, label


FORMAT = ImportFormat(
    name="SPACY",
    title="spaCy or doccano",
    description="Texts with entities, and categories, in JSON Lines, as spaCy trains on them and doccano writes them.",
    extensions=("jsonl",),
    content_types=("application/jsonl",),
    example=EXAMPLE,
    sniff=sniff,
    read=read,
)
