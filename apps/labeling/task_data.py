"""Whether a task's data can be shown by a labeling config."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.labeling.config import LabelingConfig, Need, ObjectTag
from apps.labeling.kinds import kind_of
from apps.labeling.tags import find_tag

MAX_COMPLAINTS = 3
"""About the parts of one value; more of them say nothing new."""


def validate_task(config: LabelingConfig, data: Any) -> list[str]:
    """Return what keeps a task's `data` from being shown under `config`; an empty list when it can be."""
    if not isinstance(data, dict):
        return [f"the task's data must be an object, not {kind_of(data)}"]
    problems: list[str] = []
    for need in config.needs:
        for problem in _check_need(need, data):
            if problem not in problems:
                problems.append(problem)
    return problems


def _check_need(need: Need, data: dict[str, Any]) -> list[str]:
    value: Any = data
    if need.path in data:  # a key with dots in it comes before levels
        value = data[need.path]
    else:
        for depth, key in enumerate(need.keys):
            found, value = _child(value, key)
            if not found:
                missing = ".".join(need.keys[: depth + 1])
                return [f'the key "{missing}" is missing, which {_shown(need.tag)} shows']
    check = _check_for(need.tag)
    return check(need, value)


def _child(value: Any, key: str) -> tuple[bool, Any]:
    """Return whether `value` has the key, or the place of a list, and what is there."""
    if isinstance(value, dict) and key in value:
        return True, value[key]
    if isinstance(value, list) and key.isdecimal() and int(key[:9]) < len(value):
        return True, value[int(key[:9])]
    return False, None


def value_at(data: dict[str, Any], need: Need) -> Any:
    """Return the value of the task that `need` names; None when it is missing."""
    if need.path in data:
        return data[need.path]
    value: Any = data
    for key in need.keys:
        _, value = _child(value, key)
    return value


def _shown(tag: ObjectTag) -> str:
    return f'<{tag.type} name="{tag.name}">' if tag.name else f"<{tag.type}>"


def _check_for(tag: ObjectTag) -> Callable[[Need, Any], list[str]]:
    known = find_tag(tag.type)
    kinds = known.data if known else ()
    kind = kinds[0] if kinds and tag.variable else "text"
    if tag.get("valueType") == "url" and kind != "object":
        kind = "url"
    return _CHECKS[kind]


def _text(need: Need, value: Any) -> list[str]:
    if isinstance(value, str | int | float):
        return []
    return [f'"{need.path}" must be a text for {_shown(need.tag)}, not {kind_of(value)}']


def _address(need: Need, value: Any) -> list[str]:
    if not isinstance(value, str):
        return [f'"{need.path}" must be an address for {_shown(need.tag)}, not {kind_of(value)}']
    if not value.strip():
        return [f'"{need.path}" must be an address for {_shown(need.tag)}, but is empty']
    if "\n" in value.strip():
        return [f'"{need.path}" must be an address for {_shown(need.tag)}, but is a text of several lines']
    return []


def _dialogue(need: Need, value: Any) -> list[str]:
    shown = _shown(need.tag)
    if not isinstance(value, list):
        return [f'"{need.path}" must be a list of paragraphs for {shown}, not {kind_of(value)}']
    if not value:
        return [f'"{need.path}" must be a list of paragraphs for {shown}, but is empty']
    name_key, text_key = need.tag.get("nameKey"), need.tag.get("textKey")
    problems = []
    for index, paragraph in enumerate(value):
        place = f'"{need.path}[{index}]"'
        if not isinstance(paragraph, dict):
            problems.append(f"{place} must be an object for {shown}, not {kind_of(paragraph)}")
            continue
        problems += [
            f'{place} lacks the key "{key}" for {shown}'
            for key in (name_key, text_key)
            if key not in paragraph
        ]
        if text_key in paragraph and not isinstance(paragraph[text_key], str | int | float):
            problems.append(f'{place}: "{text_key}" must be a text, not {kind_of(paragraph[text_key])}')
    return problems[:MAX_COMPLAINTS]


def _series(need: Need, value: Any) -> list[str]:
    shown = _shown(need.tag)
    if not isinstance(value, dict):
        return [f'"{need.path}" must be an object of columns for {shown}, not {kind_of(value)}']
    # The editor looks columns up in small letters; a number counts them.
    problems = [
        f'"{need.path}" lacks the column "{column.lower()}" for {shown}'
        for column in filter(None, (need.tag.get("timeColumn"), *need.tag.columns))
        if column.lower() not in value and not (column.isdecimal() and int(column[:6]) < len(value))
    ]
    problems += [
        f'"{need.path}.{name}" must be a list of values for {shown}, not {kind_of(column)}'
        for name, column in value.items()
        if not isinstance(column, list)
    ]
    lengths = {len(column) for column in value.values() if isinstance(column, list)}
    if len(lengths) > 1:
        problems.append(
            f'the columns of "{need.path}" must be of one length for {shown}, not {_between(lengths)}'
        )
    return problems[:MAX_COMPLAINTS]


def _between(lengths: set[int]) -> str:
    return f"from {min(lengths)} to {max(lengths)}"


def _object(need: Need, value: Any) -> list[str]:
    if isinstance(value, dict):
        return []
    return [f'"{need.path}" must be an object for {_shown(need.tag)}, not {kind_of(value)}']


def _items(need: Need, value: Any) -> list[str]:
    if not isinstance(value, list):
        return [f'"{need.path}" must be a list for {_shown(need.tag)}, not {kind_of(value)}']
    return [
        f'"{need.path}[{index}]" must be an object for {_shown(need.tag)}, not {kind_of(item)}'
        for index, item in enumerate(value)
        if not isinstance(item, dict)
    ][:MAX_COMPLAINTS]


_CHECKS: dict[str, Callable[[Need, Any], list[str]]] = {
    "text": _text,
    "url": _address,
    "dialogue": _dialogue,
    "series": _series,
    "object": _object,
    "list": _items,
}
