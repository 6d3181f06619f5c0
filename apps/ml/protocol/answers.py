"""What a backend answers to /predict, task by task: what can be stored, and what is wrong with the rest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from apps.core.errors import ValidationFailed
from apps.core.json import MAX_DEPTH, check_storable, nests_deeper
from apps.labeling.config import LabelingConfig
from apps.labeling.kinds import is_number, kind_of
from apps.labeling.results import check_result_shape, result_misfits
from apps.ml.models import MAX_VERSION_CHARACTERS

_CLUSTERS = range(-(2**31), 2**31)


@dataclass(frozen=True, slots=True)
class Answer:
    """A prediction for one task that can be stored as it is."""

    task_id: int
    result: list[dict[str, Any]]
    score: float | None
    model_version: str
    cluster: int | None = None


@dataclass(frozen=True, slots=True)
class BadAnswer:
    """A prediction for one task that cannot be stored.

    Attributes:
        message: what is wrong and what was expected, naming backend, task and path.
        path: in the backend's reply: `results[3].score`.
    """

    task_id: int
    message: str
    path: str


def under_names(answers: list[Answer | BadAnswer], names: Mapping[str, str]) -> list[Answer | BadAnswer]:
    """Return answers under the names that the project has for the versions that gave them.

    Args:
        names: by what the backend calls a version.
    """
    if all(told == name for told, name in names.items()):
        return answers
    return [
        replace(answer, model_version=names[answer.model_version]) if isinstance(answer, Answer) else answer
        for answer in answers
    ]


class AnswerReader:
    """Reads the answers of one reply.

    Args:
        backend: its title, for messages.
        config: what the project's labeling config asks.
        model_version: that of the reply, or the newest that is known; "" for none.
        is_strict: whether the reply held nothing anywhere that JSON does not allow or Postgres does not store.
    """

    def __init__(self, *, backend: str, config: LabelingConfig, model_version: str, is_strict: bool) -> None:
        self._backend = backend
        self._config = config
        self._model_version = model_version
        self._is_strict = is_strict
        self._is_storable = False

    def read(self, tasks: Sequence[Mapping[str, Any]], results: Sequence[Any]) -> list[Answer | BadAnswer]:
        """Return one answer for each task; `results` has one item for each."""
        self._is_storable = self._is_strict and not nests_deeper(results, MAX_DEPTH)
        return [
            self._read(task, given, index)
            for index, (task, given) in enumerate(zip(tasks, results, strict=True))
        ]

    def _read(self, task: Mapping[str, Any], given: Any, index: int) -> Answer | BadAnswer:
        path = f"results[{index}]"
        if isinstance(given, list):
            path, given = _best(path, given)
        wrong = next(self._wrongs(given, path, task.get("data")), None)
        if wrong is not None:
            place, message = wrong
            told = f"ML backend “{self._backend}”, task {task['id']}, {place}: {message}."
            return BadAnswer(task["id"], told, place)
        given = given or {}
        score = given.get("score")
        return Answer(
            task_id=task["id"],
            result=given.get("result") or [],
            score=None if score is None else float(score),
            model_version=self._version(given),
            cluster=given.get("cluster"),
        )

    def _version(self, given: Mapping[str, Any]) -> Any:
        version = given.get("model_version")
        return self._model_version if version in (None, "") else version

    def _wrongs(self, given: Any, path: str, data: Any) -> Iterator[tuple[str, str]]:
        """Yield what is wrong, the first thing first."""
        if given is None:
            return
        if not isinstance(given, dict):
            yield path, f"must be an object with a result, not {kind_of(given)}"
            return
        if not self._is_strict:
            yield from _unstorable_numbers(given, path)
        if not self._is_storable:
            yield from _unstorable_texts(given, path)
        yield from self._fields(given, path)
        yield from self._result(given.get("result", []), path, data)

    def _fields(self, given: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
        score, cluster, version = given.get("score"), given.get("cluster"), self._version(given)
        if score is not None and not is_number(score):
            yield f"{path}.score", f"must be a finite number or null, not {kind_of(score)}"
        if cluster is not None and (type(cluster) is not int or cluster not in _CLUSTERS):
            yield f"{path}.cluster", "must be a whole number of 32 bits or null"
        if not isinstance(version, str) or len(version) > MAX_VERSION_CHARACTERS:
            yield f"{path}.model_version", f"must be a text of at most {MAX_VERSION_CHARACTERS} characters"
        elif not version:
            yield (
                f"{path}.model_version",
                "is missing, and neither /setup nor the reply names one; a text was expected,"
                " so that predictions of different versions can be told apart",
            )

    def _result(self, result: Any, path: str, data: Any) -> Iterator[tuple[str, str]]:
        if problems := check_result_shape([] if result is None else result):
            place, _, message = problems[0].partition(" ")
            yield f"{path}.{place}", message
        elif result:
            for misfit in result_misfits(self._config, result, _data_in(data)):
                place, _, message = misfit.partition(": ")
                yield f"{path}.{place}", message


def _data_in(data: Any) -> dict[str, Any] | None:
    """Return the data of a task, which may still be JSON as Postgres has it."""
    read = orjson.loads(orjson.dumps(data)) if isinstance(data, orjson.Fragment) else data
    return read if isinstance(read, dict) else None


def _best(path: str, given: list[Any]) -> tuple[str, Any]:
    """Return the surest of several predictions for one task, the first among equals; None for none."""
    if not given:
        return path, None

    def sureness(index: int) -> float:
        item = given[index]
        score = item.get("score") if isinstance(item, dict) else None
        return score if is_number(score) else -math.inf

    best = max(range(len(given)), key=sureness)
    return f"{path}[{best}]", given[best]


def _unstorable_texts(given: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the first text that Postgres does not store, or that the prediction nests too deeply."""
    try:
        check_storable(given, what="The prediction")
    except ValidationFailed as error:
        yield path, error.message.rstrip(".")


def _unstorable_numbers(given: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the first number that is none; only a reply that is no strict JSON is looked through."""
    stack: list[tuple[str, Any]] = [(path, given)]
    while stack:
        place, node = stack.pop()
        if isinstance(node, float) and not math.isfinite(node):
            yield place, f"is {node}, which is no number of JSON; a finite number or null was expected"
            return
        if isinstance(node, dict):
            stack.extend((f"{place}.{key}", value) for key, value in node.items())
        elif isinstance(node, list):
            stack.extend((f"{place}[{index}]", value) for index, value in enumerate(node))
