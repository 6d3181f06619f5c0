"""Tasks as an export is given them, and which of their completions count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from apps.exports.formats.format import ExportOptions
from apps.exports.formats.json_text import loads
from apps.labeling.config import LabelingConfig, ObjectTag
from apps.labeling.task_data import value_at

Task = dict[str, Any]
Completion = dict[str, Any]
_NAMES = ("from_name", "to_name", "id", "parentID")
_CONTAINERS = frozenset((list, dict))


class Unwritable(ValueError):
    """Something that a format has no way to write; the message says what, without a full stop."""


def decoded(tasks: Iterable[str]) -> Iterator[Task]:
    """Yield each task as an object."""
    return map(loads, tasks)


def submitted(task: Task, options: ExportOptions) -> list[Completion]:
    """Return the completions of a task that are to be written: no skipped ones; the newest or all."""
    found = [
        completion for completion in task.get("annotations") or () if not completion.get("was_cancelled")
    ]
    if len(found) > 1 and options.completions == "newest":
        return [max(found, key=lambda entry: (str(entry.get("created_at") or ""), entry.get("id") or 0))]
    return found


def labeled(tasks: Iterable[str], options: ExportOptions) -> Iterator[tuple[Task, list[Completion]]]:
    """Yield the tasks that somebody has labeled, each with the completions that are to be written."""
    for task in decoded(tasks):
        if completions := submitted(task, options):
            yield task, completions


def results(completion: Completion) -> Iterator[dict[str, Any]]:
    """Yield the result items that are objects; imported completions may hold anything, also names that are none."""
    found = completion.get("result")
    for item in found if isinstance(found, list) else ():
        if isinstance(item, dict):
            if not _CONTAINERS.isdisjoint(map(type, map(item.get, _NAMES))):
                odd = [key for key in _NAMES if isinstance(item.get(key), list | dict)]
                item = {**item, **dict.fromkeys(odd)}
            yield item


def shown_value(config: LabelingConfig, shown: ObjectTag, task: Task) -> Any:
    """Return what a task shows in an object; None when its data has nothing there."""
    data = task.get("data")
    key = shown.variable
    if not key:
        return shown.value or None
    if not isinstance(data, dict):
        return None
    if key in data:  # spares a walk over the config's needs
        return data[key]
    return next((value_at(data, need) for need in config.needs if need.tag == shown), None)
