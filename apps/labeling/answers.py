"""Whether an answer is one that its control can give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from apps.labeling.config import ControlTag
from apps.labeling.kinds import is_number, kind_of
from apps.labeling.regions import Complaint
from apps.labeling.tags import registry

_OLD_VALUE_KEYS = {"hypertextlabels": "htmllabels"}


def answer_of(control: ControlTag, value: dict[str, Any]) -> tuple[str, Any]:
    """Return the key of the answer in a result item's value, and the answer; None when there is none."""
    key = registry()[control.type].value
    old = _OLD_VALUE_KEYS.get(key)
    if old and key not in value and old in value:
        key = old
    return key, value.get(key)


def answer_complaints(control: ControlTag, value: dict[str, Any]) -> Iterator[Complaint]:
    """Yield what is wrong with the answer in a result item's value."""
    key, answer = answer_of(control, value)
    if not key:
        return
    if answer is None:
        if not control.is_set("allowEmpty"):
            yield f".{key}", "is missing"
        return
    check = _CHECKS.get(registry()[control.type].result, _options)
    for path, message in check(control, answer):
        yield f".{key}{path}", message


def _options(control: ControlTag, answer: Any) -> Iterator[Complaint]:
    if not isinstance(answer, list):
        yield "", f"must be a list, not {kind_of(answer)}"
        return
    for index, option in enumerate(answer):
        if not isinstance(option, str):
            yield f"[{index}]", f"must be a text, not {kind_of(option)}"
        elif option not in control.options and not _is_value_of_option(control, option):
            yield f"[{index}]", f'"{control.name}" does not offer "{option[:80]}"'
    if control.get("choice").startswith("single") and len(answer) > 1:
        yield "", f'"{control.name}" takes one answer, not {len(answer)}'
    if not answer and not control.is_set("allowEmpty"):
        yield "", "is empty"


def _is_value_of_option(control: ControlTag, text: str) -> bool:
    """Whether `text` is what an option shows, which has an alias for results."""
    return any(text == option.get("value", "") for option in control.options.values())


def _texts(control: ControlTag, answer: Any) -> Iterator[Complaint]:
    texts = answer if isinstance(answer, list) else [answer]
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            yield f"[{index}]" if isinstance(answer, list) else "", f"must be a text, not {kind_of(text)}"
    limit = _number_of(control, "maxSubmissions")
    if limit is not None and len(texts) > limit:
        yield "", f'"{control.name}" takes {limit:g} texts, not {len(texts)}'


def _rating(control: ControlTag, answer: Any) -> Iterator[Complaint]:
    if not is_number(answer):
        yield "", f"must be a number, not {kind_of(answer)}"
        return
    limit = _number_of(control, "maxRating")
    if answer < 0 or (limit is not None and answer > limit):
        yield "", f'"{control.name}" takes 0 to {limit or 0:g}, not {answer:g}'


def _number(control: ControlTag, answer: Any) -> Iterator[Complaint]:
    if not is_number(answer):
        yield "", f"must be a number, not {kind_of(answer)}"
        return
    least, most = _number_of(control, "min"), _number_of(control, "max")
    if least is not None and answer < least:
        yield "", f'"{control.name}" takes {least:g} or more, not {answer:g}'
    if most is not None and answer > most:
        yield "", f'"{control.name}" takes {most:g} or less, not {answer:g}'


def _taxonomy(control: ControlTag, answer: Any) -> Iterator[Complaint]:
    if not isinstance(answer, list):
        yield "", f"must be a list of paths, not {kind_of(answer)}"
        return
    for index, path in enumerate(answer):
        if not isinstance(path, list) or not all(isinstance(step, str) for step in path):
            yield f"[{index}]", "must be a list of texts, from the top down"
        elif tuple(path) not in control.paths:
            yield f"[{index}]", f'"{control.name}" does not offer "{" / ".join(path)[:80]}"'
    limit = _number_of(control, "maxUsages")
    if limit is not None and len(answer) > limit:
        yield "", f'"{control.name}" takes {limit:g} answers, not {len(answer)}'


def _side(control: ControlTag, answer: Any) -> Iterator[Complaint]:
    if answer not in ("left", "right"):
        yield "", 'must be "left" or "right"'


def _items(control: ControlTag, answer: Any) -> Iterator[Complaint]:
    if not isinstance(answer, list):
        yield "", f"must be a list, not {kind_of(answer)}"


def _number_of(control: ControlTag, attribute: str) -> float | None:
    try:
        return float(control.get(attribute))
    except ValueError:
        return None


_CHECKS: dict[str, Callable[[ControlTag, Any], Iterator[Complaint]]] = {
    "textarea": _texts,
    "rating": _rating,
    "number": _number,
    "taxonomy": _taxonomy,
    "pairwise": _side,
    "ranker": _items,
}
