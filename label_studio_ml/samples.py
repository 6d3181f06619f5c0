"""Tasks and results made up from a labeling config: to try a model before there is data, and to test the checks."""

from __future__ import annotations

import base64
import io
import random
import wave
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageDraw

from label_studio_ml.labeling_config import ControlTag, LabelingConfig, ObjectTag

_SENTENCES = (
    "The soup was warm and the bread was fresh; we will come back.",
    "Nobody answered the telephone, and the parcel never came.",
    "Ada Lovelace met Charles Babbage in London in 1833.",
    "It rained for three days, so the match in Leeds was put off.",
    "Grüße aus Köln 👋 – the fair opens on Monday.",
)

Result = list[dict[str, Any]]


def sample_tasks(config: LabelingConfig, count: int = 3) -> list[dict[str, Any]]:
    """Return tasks that show something in every object of `config`; the same ones at each call."""
    return [
        {"id": number, "data": _data(config, number), "annotations": [], "predictions": []}
        for number in range(1, count + 1)
    ]


def _data(config: LabelingConfig, number: int) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for shown in config.objects.values():
        if shown.value.startswith("$"):
            make = _MAKERS.get(shown.type, _text)
            *outer, last = shown.key.split(".")
            place = data
            for key in outer:
                place = place.setdefault(key, {})
            place[last] = make(shown, number)
    return data


def _text(_shown: ObjectTag, number: int) -> Any:
    return _SENTENCES[number % len(_SENTENCES)]


def _html(_shown: ObjectTag, number: int) -> Any:
    return f"<p>{_SENTENCES[number % len(_SENTENCES)]}</p>"


def _dialogue(shown: ObjectTag, number: int) -> Any:
    author = shown.attributes.get("nameKey", "author")
    text = shown.attributes.get("textKey", "text")
    return [
        {author: name, text: _SENTENCES[(number + index) % 5]} for index, name in enumerate(("Ann", "Ben"))
    ]


def _image(_shown: ObjectTag, number: int) -> Any:
    chance = random.Random(number)  # noqa: S311 - the same pictures every time
    picture = Image.new("RGB", (96, 64), "white")
    left, top = chance.randint(4, 40), chance.randint(4, 24)
    colour = chance.choice(("firebrick", "seagreen", "royalblue"))
    ImageDraw.Draw(picture).rectangle((left, top, left + 36, top + 28), fill=colour)
    content = io.BytesIO()
    picture.save(content, "PNG")
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()


def _sound(_shown: ObjectTag, number: int) -> Any:
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(bytes((128 + (index * number) % 60) for index in range(8000)))
    return "data:audio/wav;base64," + base64.b64encode(content.getvalue()).decode()


def _series(shown: ObjectTag, number: int) -> Any:
    column = shown.attributes.get("timeColumn", "time")
    return {column: list(range(20)), "value": [(index * number) % 7 for index in range(20)]}


_MAKERS: dict[str, Callable[[ObjectTag, int], Any]] = {
    "HyperText": _html,
    "Paragraphs": _dialogue,
    "Image": _image,
    "Audio": _sound,
    "AudioPlus": _sound,
    "TimeSeries": _series,
}


def sample_result(config: LabelingConfig, task: dict[str, Any]) -> Result:
    """Return result items that answer each control with its first label, as far as their kind is known."""
    items: Result = []
    for control in config.controls.values():
        shown = config.objects.get(control.to_names[0])
        value = _value(control, shown, task.get("data") or {})
        if value is not None:
            items.append(
                {
                    "id": f"{control.name}-1",
                    "from_name": control.name,
                    "to_name": control.to_names[0],
                    "type": control.result_type,
                    "value": value,
                }
            )
    return items


def _value(control: ControlTag, shown: ObjectTag | None, data: dict[str, Any]) -> dict[str, Any] | None:
    kind = control.result_type
    first = next(iter(control.labels), None)
    if kind == "choices":
        return {"choices": [first]} if first else None
    if kind == "taxonomy":
        return {"taxonomy": [[first]]} if first else None
    if kind in _PLAIN_ANSWERS:
        return dict(_PLAIN_ANSWERS[kind])
    shape = kind.removesuffix("labels")
    labels = {kind: [first]} if kind.endswith("labels") and first else {}
    if kind.endswith("labels") and not first:
        return None
    if shape in _SHAPES:
        return {**_SHAPES[shape], **labels}
    if kind == "labels" and shown is not None:
        return _span(shown, data, labels)
    return None


def _span(shown: ObjectTag, data: dict[str, Any], labels: dict[str, Any]) -> dict[str, Any] | None:
    text = data.get(shown.key)
    if shown.type == "Text" and isinstance(text, str) and text:
        word = text.split(" ", 1)[0] or text[0]
        return {"start": 0, "end": len(word.encode("utf-16-le")) // 2, "text": word, **labels}
    return {"start": 0.0, "end": 0.5, **labels} if shown.type in ("Audio", "AudioPlus") else None


_PLAIN_ANSWERS: dict[str, dict[str, Any]] = {
    "textarea": {"text": ["sample"]},
    "rating": {"rating": 1},
    "number": {"number": 1},
    "pairwise": {"selected": "left"},
}

_SHAPES: dict[str, dict[str, Any]] = {
    "rectangle": {"x": 25, "y": 25, "width": 50, "height": 50, "rotation": 0},
    "ellipse": {"x": 50, "y": 50, "radiusX": 25, "radiusY": 25, "rotation": 0},
    "keypoint": {"x": 50, "y": 50, "width": 1},
    "polygon": {"points": [[25, 25], [75, 25], [50, 75]]},
}
