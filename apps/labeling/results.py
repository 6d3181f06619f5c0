"""Whether a result fits the labeling config it was made with: what cannot be stored, and what to warn of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from apps.labeling.answers import answer_complaints, answer_of
from apps.labeling.config import ControlTag, LabelingConfig
from apps.labeling.kinds import kind_of
from apps.labeling.regions import paragraph_index, region_complaints, utf16_slice
from apps.labeling.tags import registry
from apps.labeling.task_data import value_at

MAX_WARNINGS = 100

_OLD_TYPES = {"htmllabels": "hypertextlabels"}
_DIRECTIONS = ("left", "right", "bi")


def check_result_shape(result: Any) -> list[str]:
    """Return what keeps `result` from being stored: it must be a list of objects. Nothing else is judged here."""
    if not isinstance(result, list):
        return [f"result must be a list of objects, not {kind_of(result)}"]
    return [
        f"result[{index}] must be an object, not {kind_of(item)}"
        for index, item in enumerate(result)
        if not isinstance(item, dict)
    ]


def result_warnings(
    config: LabelingConfig, result: list[dict[str, Any]], data: dict[str, Any] | None = None
) -> list[str]:
    """Return how `result` does not fit `config`, each with its JSON path; it may be stored all the same.

    Args:
        result: what `check_result_shape` lets pass.
        data: the task's data; without it, nothing is said about what depends on it.
    """
    return list(islice(_warnings(config, result, data), MAX_WARNINGS))


def result_misfits(
    config: LabelingConfig, result: list[dict[str, Any]], data: dict[str, Any] | None = None
) -> list[str]:
    """Return `result_warnings` without those of missing answers: what a model answers may be a part."""
    return list(islice(_items_warnings(config, result, data), MAX_WARNINGS))


def _warnings(
    config: LabelingConfig, result: list[dict[str, Any]], data: dict[str, Any] | None
) -> Iterator[str]:
    yield from _items_warnings(config, result, data)
    yield from _missing_answers(config, result)


def _items_warnings(
    config: LabelingConfig, result: list[dict[str, Any]], data: dict[str, Any] | None
) -> Iterator[str]:
    ids = {item["id"] for item in result if isinstance(item.get("id"), str)}
    for index, item in enumerate(result):
        path = f"result[{index}]"
        if item.get("type") == "relation":
            yield from _relation_warnings(config, item, ids, path)
        else:
            yield from _item_warnings(config, item, data, path)


def _relation_warnings(
    config: LabelingConfig, item: dict[str, Any], ids: set[str], path: str
) -> Iterator[str]:
    for key in ("from_id", "to_id"):
        if not isinstance(item.get(key), str) or item[key] not in ids:
            yield f"{path}.{key}: no region of this result has the id {_quoted(item.get(key))}"
    if item.get("direction", "right") not in _DIRECTIONS:
        yield f"{path}.direction: must be one of {', '.join(_DIRECTIONS)}"
    labels = item.get("labels") or []
    for place, label in enumerate(labels if isinstance(labels, list) else []):
        if label not in config.relations:
            yield f"{path}.labels[{place}]: the labeling config has no relation {_quoted(label)}"


def _item_warnings(
    config: LabelingConfig, item: dict[str, Any], data: dict[str, Any] | None, path: str
) -> Iterator[str]:
    name = item.get("from_name")
    control = config.controls.get(name) if isinstance(name, str) else None
    if control is None:
        yield f"{path}.from_name: no control of the labeling config is named {_quoted(name)}"
        return
    if item.get("to_name") not in _targets(control):
        yield f'{path}.to_name: "{control.name}" is not about {_quoted(item.get("to_name"))}'
        return
    expected = registry()[control.type].result
    given = item.get("type")
    if not isinstance(given, str) or _OLD_TYPES.get(given, given) != expected:
        yield f'{path}.type: "{control.name}" gives {expected}, not {_quoted(given)}'
        return
    value = item.get("value")
    if not isinstance(value, dict):
        yield f"{path}.value: must be an object, not {kind_of(value)}"
        return
    for place, message in answer_complaints(control, value):
        yield f"{path}.value{place}: {message}"
    yield from _place_warnings(config, control, item, data, path)


def _targets(control: ControlTag) -> tuple[str, ...]:
    """Return the names a result item may be about; the editor lets a comparison be about itself."""
    return (*control.to_names, control.name) if control.type == "Pairwise" else control.to_names


def _place_warnings(
    config: LabelingConfig,
    control: ControlTag,
    item: dict[str, Any],
    data: dict[str, Any] | None,
    path: str,
) -> Iterator[str]:
    region = registry()[control.type].region
    shown = config.objects.get(item["to_name"])
    if not region or shown is None:
        return
    for place, message in region_complaints(config, region, shown, item, data):
        yield f"{path}.value{place}: {message}"


def _missing_answers(config: LabelingConfig, result: list[dict[str, Any]]) -> Iterator[str]:
    answered = {item.get("from_name") for item in result if isinstance(item.get("from_name"), str)}
    for control in config.controls.values():
        if not control.is_set("required"):
            continue
        if control.is_set("perRegion"):
            yield from _missing_region_answers(config, control, result)
        elif control.name not in answered and not control.conditional:
            yield f'result: the required answer to "{control.name}" is missing'


def _missing_region_answers(
    config: LabelingConfig, control: ControlTag, result: list[dict[str, Any]]
) -> Iterator[str]:
    answered = {str(item.get("id")) for item in result if item.get("from_name") == control.name}
    wanted = control.attributes.get("whenLabelValue")
    asked: set[str] = set()
    for index, item in enumerate(result):
        marker = config.controls.get(str(item.get("from_name")))
        if (
            marker is None
            or not registry()[marker.type].region
            or item.get("to_name") not in control.to_names
        ):
            continue
        region = str(item.get("id"))
        value = item.get("value")
        labels = answer_of(marker, value)[1] if isinstance(value, dict) else None
        if wanted and not (isinstance(labels, list) and wanted in labels):
            continue
        if region not in answered and region not in asked:
            asked.add(region)
            yield f'result[{index}]: the required answer to "{control.name}" is missing for this region'


def _quoted(value: Any) -> str:
    return f'"{value[:80]}"' if isinstance(value, str) else kind_of(value)


def fill_paragraph_texts(
    config: LabelingConfig, result: list[dict[str, Any]], data: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return `result` with the text of each region of a dialogue that came without: the editor leaves it empty.

    Items that need nothing are returned as they are; `result` itself is not changed.
    """
    return [_with_text(config, item, data) for item in result]


def _with_text(config: LabelingConfig, item: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    control = config.controls.get(str(item.get("from_name")))
    shown = config.objects.get(str(item.get("to_name")))
    value = item.get("value")
    if control is None or shown is None or shown.type != "Paragraphs" or not isinstance(value, dict):
        return item
    if registry()[control.type].region != "paragraphs" or value.get("text"):
        return item
    if shown.get("saveTextResult") in ("no", "none"):
        return item
    dialogue = next((value_at(data, need) for need in config.needs if need.tag is shown), None)
    text = _marked_text(dialogue, shown.get("textKey"), value)
    return item if text is None else {**item, "value": {**value, "text": text}}


def _marked_text(dialogue: Any, text_key: str, value: dict[str, Any]) -> str | None:
    """Return what lies between the offsets, one line a paragraph; None when they do not fit the dialogue."""
    first, last = paragraph_index(value.get("start")), paragraph_index(value.get("end"))
    start, end = value.get("startOffset"), value.get("endOffset")
    if first is None or last is None or type(start) is not int or type(end) is not int or min(start, end) < 0:
        return None
    if not isinstance(dialogue, list) or not first <= last < len(dialogue):
        return None
    paragraphs = dialogue[first : last + 1]
    if not all(
        isinstance(paragraph, dict) and isinstance(paragraph.get(text_key), str) for paragraph in paragraphs
    ):
        return None
    lines = [paragraph[text_key] for paragraph in paragraphs]
    lines[-1] = utf16_slice(lines[-1], 0, end)
    lines[0] = utf16_slice(lines[0], start, None)
    return "\n".join(lines)


__all__ = ["check_result_shape", "fill_paragraph_texts", "result_misfits", "result_warnings"]
