"""Renames the labels, controls and objects in a stored result; pure, so that it can be reasoned about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.projects.renames import Renames


def renamed_result(result: list[dict[str, Any]], steps: Iterable[Renames]) -> list[dict[str, Any]]:
    """Return `result` with each step's renames applied, one after another; `result` itself stays as it is."""
    for renames in steps:
        result = [_renamed_item(item, renames) for item in result]
    return result


def _renamed_item(item: dict[str, Any], renames: Renames) -> dict[str, Any]:
    control = item.get("from_name")
    if not isinstance(control, str):
        return item
    renamed = {**item, "from_name": renames.control(control)}
    target = item.get("to_name")
    if isinstance(target, str):
        # A pairwise comparison names itself as what it is about.
        renamed["to_name"] = renamed["from_name"] if target == control else renames.object(target)
    kind, value = item.get("type"), item.get("value")
    if control in renames.labels and isinstance(value, dict) and isinstance(kind, str) and kind in value:
        renamed["value"] = {**value, kind: _renamed_labels(value[kind], control, renames)}
    return renamed


def _renamed_labels(labels: Any, control: str, renames: Renames) -> Any:
    """Rename in a list of labels, or of paths of labels (Taxonomy); two labels that became one are named once."""
    if isinstance(labels, str):
        return renames.label(control, labels)
    if not isinstance(labels, list):
        return labels
    found: list[Any] = []
    for label in labels:
        renamed = _renamed_path(label, control, renames) if isinstance(label, list) else label
        if isinstance(label, str):
            renamed = renames.label(control, label)
        if renamed not in found:
            found.append(renamed)
    return found


def _renamed_path(path: list[Any], control: str, renames: Renames) -> list[Any]:
    return [renames.label(control, part) if isinstance(part, str) else part for part in path]
