"""What the person who imports asks of every row, whatever its format: columns to variables, answers out of keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from apps.imports.formats.format import Item, ReadOptions, Row, UnreadableRow
from apps.labeling.config import ControlTag

_VALUE_KEYS = {
    "Choices": "choices",
    "TextArea": "text",
    "Rating": "rating",
    "Number": "number",
    "Taxonomy": "taxonomy",
}


def arrange(items: Iterable[Item], options: ReadOptions) -> Iterator[Item]:
    """Yield the items with bare rows rearranged as the options ask; all others pass as they are."""
    steps: list[Callable[[dict[str, Any], ReadOptions], dict[str, Any]]] = []
    if any(variable != column for variable, column in options.columns.items()):
        steps.append(_rename)
    if options.preannotated_from_fields:
        steps.append(_take_predictions)
    return (_arranged(item, steps, options) for item in items) if steps else iter(items)


def _arranged(item: Item, steps: list[Any], options: ReadOptions) -> Item:
    if isinstance(item, UnreadableRow) or not isinstance(item.value, dict):
        return item
    value = item.value
    try:
        for step in steps:
            value = step(value, options)
    except ValueError as error:
        return UnreadableRow(str(error), item.place)
    return Row(value, item.place)


def _is_wrapped(row: dict[str, Any]) -> bool:
    return isinstance(row.get("data"), dict)


def _rename(row: dict[str, Any], options: ReadOptions) -> dict[str, Any]:
    """Fill each variable from its column, which then does not also stay under its own name."""
    data = row["data"] if _is_wrapped(row) else row
    missing = [column for column in options.columns.values() if column not in data]
    if missing:
        raise ValueError(f'it has no column "{missing[0]}", which is to fill a variable')
    used = set(options.columns.values())
    arranged = {column: value for column, value in data.items() if column not in used}
    arranged.update({variable: data[column] for variable, column in options.columns.items()})
    return {**row, "data": arranged} if _is_wrapped(row) else arranged


def _take_predictions(row: dict[str, Any], options: ReadOptions) -> dict[str, Any]:
    """Turn the named keys of a row's data into predictions: whole results, or plain values of the control so named."""
    data = dict(row["data"] if _is_wrapped(row) else row)
    predictions = list(row.get("predictions") or []) if _is_wrapped(row) else []
    for key in options.preannotated_from_fields:
        if key in data:
            prediction = {"result": _result(key, data.pop(key), options)}
            predictions.append(prediction | ({"model_version": options.model_version or key}))
    rest = row if _is_wrapped(row) else {}
    return {**rest, "data": data, "predictions": predictions}


def _result(key: str, value: Any, options: ReadOptions) -> Any:
    if value in (None, ""):
        return []
    if isinstance(value, list) and all(isinstance(part, dict) for part in value):
        return value
    control = options.config.controls.get(key)
    if control is None or control.type not in _VALUE_KEYS:
        known = ", ".join(name for name, tag in options.config.controls.items() if tag.type in _VALUE_KEYS)
        raise ValueError(
            f'"{key}" holds no list of result items, and no control of that name takes a plain value'
            + (f" (these do: {known})" if known else "")
        )
    name = _VALUE_KEYS[control.type]
    return [
        {
            "from_name": control.name,
            "to_name": control.to_names[0],
            "type": name if control.type != "TextArea" else "textarea",
            "value": {name: _plain(control, value)},
        }
    ]


def _plain(control: ControlTag, value: Any) -> Any:
    if control.type in ("Rating", "Number"):
        try:
            return int(value) if float(value).is_integer() else float(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(f'"{control.name}" must be a number, not {str(value)[:40]!r}') from error
    return value if isinstance(value, list) else [str(value)]
