"""A completion as one flat row: the task's data, then an answer a control, then who and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from apps.exports.formats.format import ExportOptions
from apps.exports.formats.tasks import Completion, Task, decoded, results, submitted
from apps.labeling.config import LabelingConfig

FACTS = {
    "annotator": "completed_by",
    "annotation_id": "id",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "lead_time": "lead_time",
}
"""The last columns, and the field of a completion that each holds; named as Label Studio's own exports have them."""

_SIZES = ("original_width", "original_height")
_PLAIN = {"Choices": "choices", "TextArea": "text"}


def flat_rows(tasks: Iterable[str], options: ExportOptions) -> Iterator[dict[str, Any]]:
    """Yield a row for each completion, and one for each task that nobody has answered; none for skipped tasks."""
    for task in decoded(tasks):
        completions: list[Completion | None] = list(submitted(task, options))
        if not completions and not task.get("annotations"):
            completions = [None]
        options.report.exported += bool(completions)
        for completion in completions:
            yield _row(task, completion, options)


def known_columns(config: LabelingConfig) -> tuple[list[str], list[str]]:
    """Return the columns that come first and those that come last, whatever the tasks hold."""
    return [_data_column(key, config) for key in config.variables], ["id", *config.controls, *FACTS]


def all_columns(keys: Iterable[str], config: LabelingConfig) -> list[str]:
    """Return the columns of tasks whose data has these keys: the config's first, answers and facts last."""
    first, last = known_columns(config)
    return [*dict.fromkeys([*first, *(_data_column(key, config) for key in keys)]), *last]


def _data_column(key: str, config: LabelingConfig) -> str:
    """Return the column of a key of the data; one that an answer or a fact is called like, too, is `data.<key>`."""
    return f"data.{key}" if key in config.controls or key in FACTS or key == "id" else key


def _row(task: Task, completion: Completion | None, options: ExportOptions) -> dict[str, Any]:
    data = task.get("data")
    pairs = data.items() if isinstance(data, dict) else ()
    row = {_data_column(key, options.config): value for key, value in pairs}
    row["id"] = task.get("id")
    if completion is None:
        return row
    row |= _answers(task, completion, options)
    return row | {column: completion.get(field) for column, field in FACTS.items()}


def _answers(task: Task, completion: Completion, options: ExportOptions) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {}
    for item in results(completion):
        name, value = item.get("from_name"), item.get("value")
        if item.get("type") == "relation":  # only JSON has a place for them
            continue
        if name not in options.config.controls or not isinstance(value, dict):
            problem = f'the labeling config has no control "{str(name)[:80]}"; its answer is left out'
            if name in options.config.controls:
                problem = "a result item has no value; it is left out"
            options.report.add(
                problem, task=task.get("id"), completion=completion.get("id"), region=item.get("id")
            )
            continue
        sizes: dict[str, Any] = {key: item[key] for key in item if key in _SIZES}
        found.setdefault(str(name), []).append({**value, **sizes})
    return {name: _pretty(options.config.controls[name].type, values) for name, values in found.items()}


def _pretty(control: str, values: list[dict[str, Any]]) -> Any:
    """Return one choice or one text as it is, several of one question as their object, all else as a list."""
    key = _PLAIN.get(control)
    if key is None:
        return values
    plain = [_only(value, key) for value in values]
    return plain[0] if len(plain) == 1 else plain


def _only(value: dict[str, Any], key: str) -> Any:
    answers = value.get(key)
    alone = isinstance(answers, list) and len(answers) == 1 and set(value) == {key}
    return answers[0] if alone and isinstance(answers, list) else value
