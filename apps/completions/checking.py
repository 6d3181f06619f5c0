"""Whether a result fits the labeling config it is stored under: warnings that stay with it, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from apps.core.errors import ValidationFailed
from apps.labeling.config import LabelingConfig
from apps.labeling.results import fill_paragraph_texts, result_warnings

MAX_WARNINGS = 100
"""Of how many misfits a completion tells; a result of ten thousand wrong regions needs no list of them."""


@dataclass(frozen=True, slots=True)
class CheckedResult:
    """A result as it is stored, and how it does not fit its config: a sentence each, with the JSON path first."""

    result: list[dict[str, Any]]
    warnings: list[str] = field(default_factory=list)


def checked_result(
    config: LabelingConfig, result: list[dict[str, Any]], data: dict[str, Any], *, was_cancelled: bool = False
) -> CheckedResult:
    """Return `result`, with what the editor leaves out filled in, and its warnings.

    Used on submit, on update and for every completion of an import, which stores them in the columns `result` and
    `warnings`, and the version of `config` in `config_version`.

    Args:
        result: a list of objects (`check_result_shape` let it pass).
        data: the task's data.
        was_cancelled: a skip: what it lacks is nothing to warn of.
    """
    if not result and was_cancelled:
        return CheckedResult(result)
    filled = fill_paragraph_texts(config, result, data)
    warnings = [] if was_cancelled else result_warnings(config, filled, data)[:MAX_WARNINGS]
    return CheckedResult(filled, warnings)


def refuse_warnings(warnings: list[str]) -> None:
    """Refuse what does not fit: the rule of projects with `strict_results`.

    Raises:
        ValidationFailed: naming each JSON path, under the field `result`.
    """
    if warnings:
        raise ValidationFailed(
            f"The completion does not fit the labeling config, and this project is strict: {warnings[0]}.",
            fields={"result": warnings},
        )
