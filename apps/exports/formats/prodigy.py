"""Prodigy: tasks with spans, choices and a verdict in JSON Lines, about texts or images."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from apps.exports.formats.archive import joined
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.geometry import is_rotated, outline
from apps.exports.formats.json_text import dumps
from apps.exports.formats.pictures import Picture, PictureReader, Region, complain, needs_on_image
from apps.exports.formats.spans import LabeledText, TextReader, text_or_choices_needed
from apps.exports.formats.tasks import Task, Unwritable, decoded, submitted
from apps.labeling.config import LabelingConfig

SHAPES = ("RectangleLabels", "PolygonLabels", "EllipseLabels", "Labels")


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield a line for each text and picture: labeled ones are accepted, skipped ones ignored."""
    return joined(_lines(tasks, options), separator=b"")


def _lines(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    texts, pictures = TextReader(options, ("Labels", "Choices")), PictureReader(options, *SHAPES)
    for task in decoded(tasks):
        completions, answer = submitted(task, options), "accept"
        if not completions and task.get("annotations"):
            completions, answer = [{"result": []}], "ignore"
        options.report.exported += bool(completions)
        for completion in completions:
            for text in texts.read(task, completion):
                yield _line(task, {"text": text.text}, _about_text(text, options), answer)
            for picture in pictures.read(task, [completion]):
                yield _line(task, {"image": picture.address}, _about_picture(picture, options), answer)


def _line(task: Task, shown: dict[str, str], more: dict[str, Any], answer: str) -> bytes:
    entry = {**shown, **more}
    hashes = {"_input_hash": zlib.crc32(dumps(shown)), "_task_hash": zlib.crc32(dumps(entry))}
    return dumps({**entry, **hashes, "answer": answer, "meta": {"task": task.get("id")}}) + b"\n"


def _about_text(text: LabeledText, options: ExportOptions) -> dict[str, Any]:
    spans = [
        {"start": span.start, "end": span.end, "label": label} for span in text.spans for label in span.labels
    ]
    about: dict[str, Any] = {"spans": spans} if spans else {}
    if text.choices:
        offered = dict.fromkeys(
            option for name in text.choices for option in options.config.controls[name].options
        )
        about["options"] = [{"id": option, "text": option} for option in offered]
        about["accept"] = [label for labels in text.choices.values() for label in labels]
    return about


def _about_picture(picture: Picture, options: ExportOptions) -> dict[str, Any]:
    if picture.size is None:
        if picture.regions:
            options.report.add(
                "the size of a picture is unknown; its regions are left out", task=picture.task
            )
        return {}
    width, height = picture.size
    spans: list[dict[str, Any]] = []
    for region in picture.regions:
        try:
            shape = outline(region.value, width, height)
        except Unwritable as problem:
            complain(options.report.add, problem, picture.task, region.completion, region.id)
            continue
        corners = [[round(x, 4), round(y, 4)] for x, y in shape.points]
        spans += [{"label": label, "type": _type(region), "points": corners} for label in region.labels]
    return {"width": width, "height": height, "spans": spans}


def _type(region: Region) -> str:
    return "rect" if region.shape == "rectangle" and not is_rotated(region.value) else "polygon"


def fits(config: LabelingConfig) -> str | None:
    """Let configs pass that label texts or images."""
    if text_or_choices_needed(config) is None or needs_on_image(*SHAPES)(config) is None:
        return None
    return "needs Labels or Choices on Text, or RectangleLabels or PolygonLabels on Image"


FORMAT = ExportFormat(
    name="PRODIGY",
    title="Prodigy",
    description="Texts with spans and choices, or images with shapes, and a verdict, in JSON Lines.",
    extension="jsonl",
    content_type="application/jsonl",
    write=write,
    fits=fits,
)
