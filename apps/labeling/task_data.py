"""Whether a task's data can be shown by a labeling config."""

from __future__ import annotations

from typing import Any

from apps.labeling.config import LabelingConfig
from apps.labeling.kinds import kind_of


def validate_task(config: LabelingConfig, data: Any) -> list[str]:
    """Return what keeps a task's `data` from being shown under `config`; an empty list when it can be."""
    if not isinstance(data, dict):
        return [f"the task's data must be an object, not {kind_of(data)}"]
    problems = []
    for variable, tag in config.variables.items():
        if variable not in data:
            problems.append(f'the key "{variable}" is missing, which <{tag.type} name="{tag.name}"> shows')
        elif tag.type in {"Image", "Audio", "AudioPlus", "Video"} and not isinstance(
            data[variable], str | list
        ):
            problems.append(
                f'"{variable}" must be an address for <{tag.type}>, not {kind_of(data[variable])}'
            )
    return problems
