"""Prodigy: tasks with spans, choices and a verdict in JSON Lines, about texts or images."""

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
from apps.imports.formats.shapes import ShapeControls, checked_size
from apps.imports.formats.spacy import checked_span
from apps.imports.formats.variables import variable_for

EXAMPLE = (
    '{"text": "Ada Lovelace lived in London.", "_input_hash": 1, "_task_hash": 2, "answer": "accept",'
    ' "spans": [{"start": 0, "end": 12, "label": "PER"}], "meta": {"source": "letters"}}\n'
    '{"text": "It broke at once.", "_input_hash": 3, "_task_hash": 4, "answer": "accept",'
    ' "options": [{"id": "good"}, {"id": "bad"}], "accept": ["bad"]}\n'
)
_OWN_KEYS = frozenset(
    "text image spans tokens options accept answer label meta width height relations config html".split()  # noqa: SIM905
)


def sniff(head: bytes, name: str) -> bool:
    """Return whether the first line has the marks of a Prodigy task."""
    first = (jsonl.first_lines(head, 1) or [None])[0]
    if not isinstance(first, dict) or not {"text", "image"} & set(first):
        return False
    return "_task_hash" in first or "_input_hash" in first or ("spans" in first and "answer" in first)


def read(source: Source, options: ReadOptions) -> Iterator[Item]:
    """Yield each task: accepted ones with their answer, ignored ones as skipped, rejected ones with none.

    Raises:
        UnreadableFile: broken; or the config has no control for the answers.
    """
    for item in jsonl.read(source, options):
        if isinstance(item, UnreadableRow):
            yield item
            continue
        try:
            yield Row(_row(item.value, options), item.place)
        except ValueError as error:
            yield UnreadableRow(str(error), item.place)


def _row(task: Any, options: ReadOptions) -> dict[str, Any]:
    if not isinstance(task, dict):
        raise ValueError("a task must be an object")
    kind = "image" if isinstance(task.get("image"), str) else "text"
    if not isinstance(task.get(kind), str):
        raise ValueError('there is neither a "text" nor an "image"')
    result = _regions(task, options, kind) + _chosen(task, options)
    variable = variable_for(kind, options)
    rest = {key: value for key, value in task.items() if key not in _OWN_KEYS and not key.startswith("_")}
    data = {**rest, variable: task[kind]}
    answer = task.get("answer", "accept")
    if answer == "accept":
        row = row_with(data, result, options)
    elif answer == "ignore" and options.answers_as == "completions":
        row = row_with(data, [], options, was_cancelled=True)
    else:
        row = {"data": data}
    meta = dict(task["meta"]) if isinstance(task.get("meta"), dict) else {}
    if answer != "accept":
        meta["prodigy_answer"] = answer
    return {**row, "meta": meta} if meta else row


def _regions(task: dict[str, Any], options: ReadOptions, kind: str) -> list[Result]:
    spans = task.get("spans") or []
    if not isinstance(spans, list) or not all(isinstance(found, dict) for found in spans):
        raise ValueError('"spans" must be a list of objects')
    if not spans:
        return []
    if kind == "image":
        return _shapes(task, spans, options)
    control = required_control(options, "labels of texts", "Labels", "HyperTextLabels")
    variable_of(control, options)
    text = task["text"]
    return [span(control, number, text, *checked_span(found, text)) for number, found in enumerate(spans, 1)]


def _shapes(task: dict[str, Any], spans: list[dict[str, Any]], options: ReadOptions) -> list[Result]:
    controls = ShapeControls.of(options)
    size = checked_size(task.get("width"), task.get("height"))
    shapes = []
    for number, found in enumerate(spans, 1):
        try:
            points = [(100 * float(x) / size.width, 100 * float(y) / size.height) for x, y in found["points"]]
            label = str(found["label"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"span {number} has no label, or no points that are pairs of numbers") from error
        if len(points) < 3:
            raise ValueError(f"span {number} has fewer than three points")
        if found.get("type") == "rect":
            left, top = min(x for x, _ in points), min(y for _, y in points)
            extent = (max(x for x, _ in points) - left, max(y for _, y in points) - top)
            shapes.append(controls.box(number, (left, top), extent, label, size))
        else:
            shapes.append(controls.polygon(number, points, label, size))
    return shapes


def _chosen(task: dict[str, Any], options: ReadOptions) -> list[Result]:
    accepted = task.get("accept")
    labels = [str(name) for name in accepted] if isinstance(accepted, list) else []
    if not labels and isinstance(task.get("label"), str):
        labels = [task["label"]]
    control = control_for(options, "Choices")
    return [choice(control, labels)] if labels and control is not None else []


FORMAT = ImportFormat(
    name="PRODIGY",
    title="Prodigy",
    description="Tasks about texts or images with spans, choices and a verdict, in JSON Lines.",
    extensions=("jsonl",),
    content_types=("application/jsonl",),
    example=EXAMPLE,
    sniff=sniff,
    read=read,
)
