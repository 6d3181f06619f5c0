"""Sample tasks and import files for a labeling config; all they name is shipped and works offline."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from math import sin
from typing import Any

from apps.labeling.config import ControlTag, LabelingConfig, Need, ObjectTag
from apps.labeling.tags import find_tag, registry

SAMPLES_URL = "/static/samples/"
FORMATS = ("json", "jsonl", "csv", "tsv", "txt")
SERIES_LENGTH = 100
SENTENCES = (
    "Ada Lovelace wrote to Charles Babbage from London in the summer of 1843.",
    "The train to Lisbon leaves at nine, and the bakery opens at seven.",
    "I ordered a lamp on Monday; it arrived broken, but the refund came at once.",
)
DIALOGUE = (
    ("Maya", "Hello! Did the parcel arrive?"),
    ("Tom", "It did, this morning. The lamp works, but the shade is bent."),
    ("Maya", "I am sorry. Shall I send you a new one?"),
    ("Tom", "Yes, please. Thank you for answering so fast."),
)
_FILES = {"Image": "photo.jpg", "Audio": "speech.wav", "AudioPlus": "speech.wav", "Video": "clip.webm"}
_ADDRESSES = {
    "Text": "page.html",
    "HyperText": "page.html",
    "Paragraphs": "dialogue.json",
    "TimeSeries": "series.csv",
}


def sample_task(config: LabelingConfig) -> dict[str, Any]:
    """Return data for a task that `config` can show, without its envelope: `{"image": "/static/…"}`."""
    data: dict[str, Any] = {}
    for number, need in enumerate(config.needs):
        _put(data, need, _value(need.tag, number))
    return data


def _put(data: dict[str, Any], need: Need, value: Any) -> None:
    """Store a value under its path; a key that stands for a text cannot hold more levels and is left alone."""
    place = data
    for key in need.keys[:-1]:
        inner = place.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        place = inner
    place.setdefault(need.keys[-1], value)


def _value(tag: ObjectTag, number: int) -> Any:
    known = find_tag(tag.type)
    kind = known.data[0] if known and known.data and tag.variable else "text"
    if tag.get("valueType") == "url" and tag.type in _ADDRESSES:
        return SAMPLES_URL + _ADDRESSES[tag.type]
    if kind == "url":
        return SAMPLES_URL + _FILES[tag.type]
    if kind == "dialogue":
        return [{tag.get("nameKey"): name, tag.get("textKey"): text} for name, text in DIALOGUE]
    if kind == "series":
        return sample_series(tag)
    if kind == "object":
        return {"Order": "2024-117", "Customer": "Maya Lind", "Item": "Desk lamp", "Price": "39.90"}
    if kind == "list":
        return [{"id": str(place), "text": text} for place, text in enumerate(SENTENCES)]
    text = SENTENCES[number % len(SENTENCES)]
    return f"<p>{text}</p>" if tag.type == "HyperText" else text


def sample_series(tag: ObjectTag) -> dict[str, list[float | str]]:
    """Return columns of a time series for a `<TimeSeries>`: its time column, if it names one, and its channels."""
    series: dict[str, list[float | str]] = {}
    if time_column := tag.get("timeColumn").lower():
        series[time_column] = [_time(tag.get("timeFormat"), row) for row in range(SERIES_LENGTH)]
    for place, column in enumerate(tag.columns or ("value",)):
        series.setdefault(
            column.lower(),
            [round(sin((row + 11 * place) / 8) * (place + 1), 4) for row in range(SERIES_LENGTH)],
        )
    return series


def _time(time_format: str, row: int) -> float | str:
    if not time_format:
        return float(row)
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=row)
    return moment.strftime(time_format)


def import_example(config: LabelingConfig, format: str) -> str:
    """Return a file of sample tasks that can be imported.

    A JSON file shows a task with a completion, a prediction and their result, the others only data.

    Args:
        format: one of `FORMATS`.

    Raises:
        ValueError: another format.
    """
    data = sample_task(config)
    if format == "json":
        result = sample_result(config)
        task = {
            "data": data,
            "annotations": [{"result": result}],
            "predictions": [{"model_version": "example", "score": 0.9, "result": result}],
        }
        return json.dumps([task], indent=2, ensure_ascii=False) + "\n"
    if format == "jsonl":
        return json.dumps({"data": data}, ensure_ascii=False) + "\n"
    if format in ("csv", "tsv"):
        return _table(data, "," if format == "csv" else "\t")
    if format == "txt":
        return "".join(f"{sentence}\n" for sentence in SENTENCES)
    raise ValueError(f'There is no import example in the format "{format}": use {", ".join(FORMATS)}.')


def _table(data: dict[str, Any], delimiter: str) -> str:
    """Return a header and a row; what is no text is written as JSON."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(data)
    writer.writerow(
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in data.values()
    )
    return text.getvalue()


def sample_result(config: LabelingConfig) -> list[dict[str, Any]]:
    """Return one answer to each question of `config`; those for each region are answered for the first one."""
    items: list[dict[str, Any]] = []
    regions: dict[str, dict[str, Any]] = {}
    for control in sorted(config.controls.values(), key=lambda control: control.is_set("perRegion")):
        region = regions.get(control.to_names[0])
        if control.is_set("perRegion") and region is None:
            continue
        item = _item(config, control)
        if item is None:
            continue
        if control.is_set("perRegion") and region is not None:
            item |= {"id": region["id"], "value": {**region["value"], **item["value"]}}
        elif registry()[control.type].region:
            regions.setdefault(control.to_names[0], {**item, "value": _place_of(item)})
        items.append(item)
    return items


def _place_of(item: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in item["value"].items() if not key.endswith("labels") and key != "text"
    }


def _item(config: LabelingConfig, control: ControlTag) -> dict[str, Any] | None:
    tag = registry()[control.type]
    shown = config.objects.get(control.to_names[0])
    if shown is None or tag.broken:
        return None
    value = {**(_place(shown, tag.region) if tag.region else {}), **_answer(control)}
    to_name = control.name if control.type == "Pairwise" else control.to_names[0]
    item = {
        "id": f"example-{control.name}"[:40], "from_name": control.name, "to_name": to_name, "type": tag.result,
        "value": value,
    }  # fmt: skip
    return (
        {**item, "original_width": 1200, "original_height": 800}
        if shown.type == "Image" and tag.region
        else item
    )


def _answer(control: ControlTag) -> dict[str, Any]:
    tag = registry()[control.type]
    answers: dict[str, Any] = {
        "choices": lambda: list(control.options)[:1],
        "taxonomy": lambda: [list(min(control.paths))] if control.paths else [],
        "textarea": lambda: ["What is said or seen"],
        "rating": lambda: 1,
        "number": lambda: _number(control),
        "pairwise": lambda: "left",
    }
    make = answers.get(tag.result, lambda: list(control.options)[:1])
    return {tag.value: make()} if tag.value else {}


def _number(control: ControlTag) -> float:
    for attribute in ("defaultValue", "min", "max"):
        try:
            return float(control.get(attribute))
        except ValueError:
            continue
    return 1.0


_PICTURE_PLACES: dict[str, dict[str, Any]] = {
    "rectangle": {"x": 20, "y": 30, "width": 40, "height": 25, "rotation": 0},
    "span": {"x": 20, "y": 30, "width": 40, "height": 25, "rotation": 0},
    "ellipse": {"x": 50, "y": 50, "radiusX": 20, "radiusY": 12, "rotation": 0},
    "polygon": {"points": [[20, 20], [60, 25], [45, 60]]},
    "keypoint": {"x": 50, "y": 50, "width": 0.5},
    # A picture of 1 x 1 whose only pixel is not painted: a file of the size of a real one would hide the rest.
    "brush": {"format": "rle", "rle": [0, 0, 0, 4, 57, 27, 252, 0, 0]},
}


def _place(shown: ObjectTag, region: str) -> dict[str, Any]:
    if shown.type == "Image":
        return dict(_PICTURE_PLACES[region])
    if shown.type == "Paragraphs":
        text = DIALOGUE[0][1][:5]
        return {"start": "0", "end": "0", "startOffset": 0, "endOffset": len(text), "text": text}
    if shown.type == "TimeSeries":
        return {"start": 10, "end": 20, "instant": False}
    if shown.type == "AudioPlus":
        return {"start": 0.5, "end": 1.5}
    if shown.type == "HyperText":
        path = "/p[1]/text()[1]"
        return {"start": path, "end": path, "startOffset": 0, "endOffset": 3, "text": ""}
    return {"start": 0, "end": 3, "text": ""}
