"""One row of an import: checked, and encoded as far as it can be before its ids are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from apps.completions.checking import checked_result
from apps.completions.models import Verdict
from apps.core.errors import ValidationFailed
from apps.core.json import check_storable, dumps
from apps.imports.task_checks import TaskCheck
from apps.labeling.config import LabelingConfig
from apps.labeling.kinds import is_number
from apps.labeling.results import check_result_shape
from apps.projects.models import MAX_OVERLAP

ANSWER_KEYS = ("annotations", "completions")
"""Under which keys a row carries completions: today's name and that of the Flask era."""

EMPTY_OBJECT = b"{}"
NO_WARNINGS = b"[]"
MAX_EXTERNAL_ID = 255
MAX_VERSION = 240
_MAX_PROBLEMS_OF_A_ROW = 20


@dataclass(slots=True)
class ReadyCompletion:
    """A completion as it came with its task; its JSON is encoded."""

    result: bytes
    warnings: bytes
    completed_by_id: int | None
    was_cancelled: bool
    ground_truth: bool
    lead_time: float | None
    review: str = ""
    reviewed_by_id: int | None = None


@dataclass(slots=True)
class ReadyPrediction:
    """A prediction as it came with its task; its JSON is encoded."""

    result: bytes
    score: float | None
    model_version: str


@dataclass(slots=True)
class ReadyTask:
    """A row that can be stored; its JSON is encoded."""

    data: bytes
    meta: bytes = EMPTY_OBJECT
    overlap: int | None = None
    external_id: str = ""
    completions: list[ReadyCompletion] = field(default_factory=list)
    predictions: list[ReadyPrediction] = field(default_factory=list)


PlainTask = bytes
"""A task that is its data and nothing else, as most are: the data's JSON."""


class BadRow(ValueError):
    """A row that cannot be stored; `problems` says why."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems[:_MAX_PROBLEMS_OF_A_ROW]


class RowReader:
    """Turns a row's JSON value into a task under a project's config.

    Args:
        members: user ids by lower-case e-mail, of those to whom completions may be credited.
        imported_by_id: who is credited with completions that name nobody.
        preannotated_from: keys of the data whose value is the result of a prediction.
        external_id_key: the key of the data that holds the external id; empty: only the row's own `external_id`.
        strict_results: whether a completion that does not fit the config makes its row bad, instead of a warning.
    """

    def __init__(
        self,
        *,
        config: LabelingConfig,
        members: Mapping[str, int],
        imported_by_id: int,
        preannotated_from: tuple[str, ...] = (),
        external_id_key: str = "",
        strict_results: bool = False,
    ) -> None:
        self._config = config
        self._check = TaskCheck(config)
        self._members = members
        self._member_ids = frozenset(members.values())
        self._imported_by_id = imported_by_id
        self._preannotated_from = preannotated_from
        self._external_id_key = external_id_key
        self._strict_results = strict_results
        self._takes_data_alone = not (preannotated_from or external_id_key)

    def read(self, row: Any) -> ReadyTask | PlainTask:
        """Return the task in `row`: `{data, meta, annotations|completions, predictions, overlap}` or bare data.

        Raises:
            BadRow: with everything that is wrong with it.
        """
        if not isinstance(row, dict):
            raise BadRow(["a task must be an object"])
        wrapped = isinstance(row.get("data"), dict)
        data: dict[str, Any] = row["data"] if wrapped else row
        problems = self._check(data)
        encoded = encode(data, problems, "data" if wrapped else "")
        if self._takes_data_alone and not problems and (not wrapped or len(row) == 1):
            return encoded
        task = ReadyTask(encoded)
        if wrapped:
            self._read_envelope(row, task, problems)
        if self._external_id_key:
            task.external_id = _external_id(data.get(self._external_id_key), self._external_id_key, problems)
        for key in self._preannotated_from:
            self._read_preannotation(data, key, task, problems)
        if problems:
            raise BadRow(problems)
        return task

    def _read_envelope(self, row: dict[str, Any], task: ReadyTask, problems: list[str]) -> None:
        if meta := row.get("meta"):
            if isinstance(meta, dict):
                task.meta = encode(meta, problems, "meta")
            else:
                problems.append("meta must be an object")
        if "overlap" in row:
            task.overlap = _overlap(row["overlap"], problems)
        if "external_id" in row:
            task.external_id = _external_id(row["external_id"], "external_id", problems)
        for key in ANSWER_KEYS:
            for path, item in _objects(row, key, problems):
                task.completions.append(self._completion(item, path, row["data"], problems))
        for path, item in _objects(row, "predictions", problems):
            task.predictions.append(ready_prediction(item, path, problems, task.predictions))

    def _completion(
        self, item: dict[str, Any], path: str, data: dict[str, Any], problems: list[str]
    ) -> ReadyCompletion:
        result = _result(item, path, problems)
        was_cancelled = bool(item.get("was_cancelled", False))
        checked = checked_result(self._config, result, data, was_cancelled=was_cancelled)
        if self._strict_results:
            problems.extend(f"{path}.{warning}" for warning in checked.warnings)
        review = _verdict(item) if not was_cancelled else ""
        return ReadyCompletion(
            result=encode(checked.result, problems, f"{path}.result"),
            warnings=dumps(checked.warnings) if checked.warnings else NO_WARNINGS,
            completed_by_id=self._person(item.get("completed_by")),
            was_cancelled=was_cancelled,
            ground_truth=bool(item.get("ground_truth", False)),
            lead_time=_number(item, "lead_time", path, problems),
            review=review,
            reviewed_by_id=self._person(item.get("reviewed_by")) if review else None,
        )

    def _person(self, given: Any) -> int | None:
        """Return the member a completion names; nobody named is the importer, somebody unknown is nobody."""
        if given is None:
            return self._imported_by_id
        if isinstance(given, dict):
            given = given.get("email")
        if isinstance(given, str):
            return self._members.get(given.lower())
        return given if isinstance(given, int) and given in self._member_ids else None

    def _read_preannotation(
        self, data: dict[str, Any], key: str, task: ReadyTask, problems: list[str]
    ) -> None:
        if key not in data:
            problems.append(f'the key "{key}" is missing, which is to be the prediction')
            return
        item = {"result": data[key], "model_version": key}
        task.predictions.append(ready_prediction(item, key, problems, task.predictions))


def encode(value: Any, problems: list[str], path: str) -> bytes:
    """Return a value as JSON that jsonb takes; what keeps it from that is added to `problems`."""
    try:
        encoded = orjson.dumps(value)
    except (orjson.JSONEncodeError, RecursionError):
        return _encode_slowly(value, problems, path)
    if b"\\u0000" in encoded:
        _check_text(value, problems, path)
    return encoded


def _encode_slowly(value: Any, problems: list[str], path: str) -> bytes:
    """Encode what is not plain JSON for orjson: broken text and depth are refused, the rest written with care."""
    before = len(problems)
    _check_text(value, problems, path)
    return dumps(value) if len(problems) == before else b"null"


def _check_text(value: Any, problems: list[str], path: str) -> None:
    try:
        check_storable({path: value} if path else value, what="the row")
    except ValidationFailed as error:
        problems.append(error.message)


def _overlap(given: Any, problems: list[str]) -> int | None:
    if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= MAX_OVERLAP:
        return given
    problems.append(f"overlap must be a whole number from 1 to {MAX_OVERLAP}")
    return None


def _external_id(given: Any, path: str, problems: list[str]) -> str:
    if given is None:
        return ""
    text = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
    if not isinstance(text, str) or len(text) > MAX_EXTERNAL_ID:
        problems.append(f"{path} must be a text of up to {MAX_EXTERNAL_ID} characters, or a whole number")
        return ""
    _check_text(text, problems, path)
    return text


def ready_prediction(
    item: dict[str, Any], path: str, problems: list[str], before: list[ReadyPrediction]
) -> ReadyPrediction:
    """Return the prediction in `item`, told apart from those `before` it; what is wrong is added to `problems`."""
    version = item.get("model_version") or ""
    if not isinstance(version, str) or len(version) > MAX_VERSION:
        problems.append(f"{path}.model_version must be a text of up to {MAX_VERSION} characters")
        version = ""
    elif version:
        _check_text(version, problems, f"{path}.model_version")
    if before:
        version = _told_apart(version, {prediction.model_version for prediction in before})
    result = encode(_result(item, path, problems), problems, f"{path}.result")
    return ReadyPrediction(result, _number(item, "score", path, problems), version)


def _told_apart(version: str, taken: set[str]) -> str:
    """Return a name that is free: there is one prediction a task and version."""
    name, copy = version, 2
    while name in taken:
        name, copy = f"{version} ({copy})".strip(), copy + 1
    return name


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
    return [] if found else result


def _verdict(item: dict[str, Any]) -> str:
    """Return the verdict of an exported completion; other programs may mean anything by the same name."""
    given = item.get("review")
    return given if isinstance(given, str) and given in Verdict.values else ""


def _number(item: dict[str, Any], key: str, path: str, problems: list[str]) -> float | None:
    value = item.get(key)
    if value is None:
        return None
    if not is_number(value):
        problems.append(f"{path}.{key} must be a number")
        return None
    return float(value)
