"""One row of an import: a task, with the completions and predictions that come with it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.core.errors import ValidationFailed
from apps.core.json import check_storable
from apps.labeling.config import LabelingConfig
from apps.labeling.results import check_result_shape
from apps.labeling.task_data import validate_task
from apps.projects.models import MAX_OVERLAP

ANSWER_KEYS = ("annotations", "completions")
"""Under which keys a row carries completions: today's name and that of the Flask era."""


@dataclass(slots=True)
class ImportedCompletion:
    """A completion as it came with its task."""

    result: list[dict[str, Any]]
    completed_by_id: int | None
    was_cancelled: bool
    ground_truth: bool
    lead_time: float | None


@dataclass(slots=True)
class ImportedPrediction:
    """A prediction as it came with its task."""

    result: list[dict[str, Any]]
    score: float | None
    model_version: str


@dataclass(slots=True)
class ImportedTask:
    """A row that can be stored."""

    data: dict[str, Any]
    meta: dict[str, Any]
    overlap: int
    completions: list[ImportedCompletion] = field(default_factory=list)
    predictions: list[ImportedPrediction] = field(default_factory=list)


class BadRow(ValueError):
    """A row that cannot be stored; `problems` says why."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class RowReader:
    """Turns a row's JSON into a task under a project's config.

    Args:
        members: user ids by lower-case e-mail, of those to whom completions may be credited.
        imported_by_id: who is credited with completions that name nobody.
    """

    config: LabelingConfig
    overlap: int
    members: Mapping[str, int]
    imported_by_id: int

    def read(self, row: Any) -> ImportedTask:
        """Return the task in `row`: `{data, meta, annotations|completions, predictions, overlap}` or bare data.

        Raises:
            BadRow: with everything that is wrong with it.
        """
        if not isinstance(row, dict):
            raise BadRow(["a task must be an object"])
        wrapped = "data" in row and isinstance(row["data"], dict)
        data = row["data"] if wrapped else row
        problems = validate_task(self.config, data)
        task = ImportedTask(data=data, meta={}, overlap=self.overlap)
        if wrapped:
            self._read_envelope(row, task, problems)
        if problems:
            raise BadRow(problems)
        return task

    def _read_envelope(self, row: dict[str, Any], task: ImportedTask, problems: list[str]) -> None:
        meta = row.get("meta")
        if meta is not None and not isinstance(meta, dict):
            problems.append("meta must be an object")
        task.meta = meta if isinstance(meta, dict) else {}
        overlap = row.get("overlap", self.overlap)
        if not isinstance(overlap, int) or isinstance(overlap, bool) or not 1 <= overlap <= MAX_OVERLAP:
            problems.append(f"overlap must be a whole number from 1 to {MAX_OVERLAP}")
        else:
            task.overlap = overlap
        for key in ANSWER_KEYS:
            for path, item in _objects(row, key, problems):
                task.completions.append(self._completion(item, path, problems))
        for path, item in _objects(row, "predictions", problems):
            task.predictions.append(self._prediction(item, path, problems, task.predictions))

    def _completion(self, item: dict[str, Any], path: str, problems: list[str]) -> ImportedCompletion:
        return ImportedCompletion(
            result=_result(item, path, problems),
            completed_by_id=self._person(item.get("completed_by")),
            was_cancelled=bool(item.get("was_cancelled", False)),
            ground_truth=bool(item.get("ground_truth", False)),
            lead_time=_number(item, "lead_time", path, problems),
        )

    def _person(self, given: Any) -> int | None:
        """Return the member a completion names; nobody named is the importer, somebody unknown is nobody."""
        if given is None:
            return self.imported_by_id
        if isinstance(given, dict):
            given = given.get("email")
        if isinstance(given, str):
            return self.members.get(given.lower())
        return given if given in self.members.values() else None

    def _prediction(
        self, item: dict[str, Any], path: str, problems: list[str], before: list[ImportedPrediction]
    ) -> ImportedPrediction:
        version = item.get("model_version") or ""
        if not isinstance(version, str) or len(version) > 240:
            problems.append(f"{path}.model_version must be a text of up to 240 characters")
            version = ""
        taken = {prediction.model_version for prediction in before}
        name, copy = version, 2
        while name in taken:  # one prediction a version: a second one of the same version is told apart
            name, copy = f"{version} ({copy})".strip(), copy + 1
        return ImportedPrediction(_result(item, path, problems), _number(item, "score", path, problems), name)


def _objects(row: dict[str, Any], key: str, problems: list[str]) -> list[tuple[str, dict[str, Any]]]:
    items = row.get(key)
    if items is None:
        return []
    if not isinstance(items, list):
        problems.append(f"{key} must be a list")
        return []
    found = []
    for index, item in enumerate(items):
        if isinstance(item, dict):
            found.append((f"{key}[{index}]", item))
        elif key != "predictions" or not isinstance(item, int):  # an export may list predictions by id only
            problems.append(f"{key}[{index}] must be an object")
    return found


def _result(item: dict[str, Any], path: str, problems: list[str]) -> list[dict[str, Any]]:
    result = item.get("result", [])
    found = check_result_shape(result)
    problems.extend(f"{path}.{problem}" for problem in found)
    return [] if found else list(result)


def _number(item: dict[str, Any], key: str, path: str, problems: list[str]) -> float | None:
    value = item.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        problems.append(f"{path}.{key} must be a number")
        return None
    return float(value)


def check_text(row: Any) -> None:
    """Refuse text that Postgres cannot store.

    Raises:
        BadRow: with the path of the first bad text.
    """
    try:
        check_storable(row, what="the row")
    except ValidationFailed as error:
        raise BadRow([error.message]) from error
