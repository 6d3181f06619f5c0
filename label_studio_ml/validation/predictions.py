"""Whether a model answered every task, with result items that the labeling config asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from label_studio_ml.errors import BadPrediction, Problem
from label_studio_ml.labeling_config import ControlTag, LabelingConfig
from label_studio_ml.validation.plain import NotPlain, described, plain
from label_studio_ml.validation.values import value_complaints

MAX_PROBLEMS = 100

Task = dict[str, Any]
Complaint = tuple[str, str, str]


def checked_predictions(
    answer: Any, tasks: Sequence[Task], config: LabelingConfig, model_version: str | None
) -> list[Any]:
    """Return one prediction a task (or a list of several), as JSON holds them.

    Args:
        answer: what `predict` returned: a list, or a `ModelResponse`.
        tasks: what was asked.
        config: an empty one leaves controls and labels unchecked.
        model_version: said where a prediction does not say its own.

    Raises:
        BadPrediction: with the task, the path and what was expected, for every problem up to a hundred.
    """
    version = getattr(answer, "model_version", None) or model_version
    predictions = _one_a_task(getattr(answer, "predictions", answer), len(tasks))
    results: list[Any] = []
    problems: list[Problem] = []
    for index, (given, task) in enumerate(zip(predictions, tasks, strict=True)):
        path = f"results[{index}]"
        try:
            prediction = plain(given, path)
        except NotPlain as error:
            problems.append(Problem(task.get("id"), error.path, error.expected, error.got))
            continue
        room = MAX_PROBLEMS - len(problems)
        found = [
            Problem(task.get("id"), *told) for told in islice(_told(prediction, path, task, config), room)
        ]
        problems.extend(found)
        results.append(prediction if found else _with_version(prediction, version))
    if problems:
        raise BadPrediction(problems[:MAX_PROBLEMS])
    return results


def _one_a_task(predictions: Any, count: int) -> Sequence[Any]:
    if hasattr(predictions, "tolist"):
        predictions = predictions.tolist()
    if not isinstance(predictions, list | tuple):
        got = "nothing" if predictions is None else type(predictions).__name__
        raise BadPrediction([Problem(None, "results", "a list with one prediction a task", got)])
    if len(predictions) != count:
        expected = f"{count}, one for each task in its order"
        raise BadPrediction([Problem(None, "results", expected, f"{len(predictions)} predictions")])
    return predictions


def _with_version(prediction: Any, version: str | None) -> Any:
    if isinstance(prediction, list):
        return [_with_version(one, version) for one in prediction]
    return prediction if prediction.get("model_version") else {**prediction, "model_version": version}


def _told(prediction: Any, path: str, task: Task, config: LabelingConfig) -> Iterator[Complaint]:
    if isinstance(prediction, list):
        for index, one in enumerate(prediction):
            yield from _prediction(one, f"{path}[{index}]", task, config)
    else:
        yield from _prediction(prediction, path, task, config)


def _prediction(prediction: Any, path: str, task: Task, config: LabelingConfig) -> Iterator[Complaint]:
    if not isinstance(prediction, dict):
        yield path, "an object with result and score", described(prediction)
        return
    score, version = prediction.get("score"), prediction.get("model_version")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        yield f"{path}.score", "a number", described(score)
    if version is not None and not isinstance(version, str):
        yield f"{path}.model_version", "a text", described(version)
    items = prediction.get("result")
    if not isinstance(items, list):
        yield f"{path}.result", "a list of result items", described(items)
        return
    for index, item in enumerate(items):
        yield from _item(item, f"{path}.result[{index}]", task, config)


def _item(item: Any, path: str, task: Task, config: LabelingConfig) -> Iterator[Complaint]:
    if not isinstance(item, dict):
        yield path, "an object", described(item)
        return
    if item.get("type") == "relation":
        for key in ("from_id", "to_id"):
            if not isinstance(item.get(key), str):
                yield f"{path}.{key}", "the id of a region", described(item.get(key))
        return
    if not isinstance(item.get("value"), dict):
        yield f"{path}.value", "an object", described(item.get("value"))
        return
    if "id" in item and not isinstance(item["id"], str):
        yield f"{path}.id", "a text", described(item["id"])
    score = item.get("score")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        yield f"{path}.score", "a number", described(score)
    if config.controls:
        yield from _answer(item, path, task, config)


def _answer(item: dict[str, Any], path: str, task: Task, config: LabelingConfig) -> Iterator[Complaint]:
    name = item.get("from_name")
    control = config.controls.get(name) if isinstance(name, str) else None
    if control is None:
        yield (
            f"{path}.from_name",
            f"a control of the labeling config ({', '.join(config.controls)})",
            described(name),
        )
        return
    target = item.get("to_name")
    if target not in _targets(control):
        yield (
            f"{path}.to_name",
            f"what {control.name} is about ({', '.join(control.to_names)})",
            described(target),
        )
        return
    if item.get("type") != control.result_type:
        yield (
            f"{path}.type",
            f'"{control.result_type}", as {control.type} gives it',
            described(item.get("type")),
        )
        return
    shown = config.objects.get(target)
    data = task.get("data")
    for place, expected, got in value_complaints(
        control, shown, item["value"], data if isinstance(data, dict) else {}
    ):
        yield f"{path}.value{place}", expected, got


def _targets(control: ControlTag) -> tuple[str, ...]:
    """Return the names an item may be about; the editor lets a comparison be about itself."""
    return (*control.to_names, control.name) if control.type == "Pairwise" else control.to_names
