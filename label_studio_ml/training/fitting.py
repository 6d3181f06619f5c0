"""Calling `fit`, whichever of its two forms a model has."""

from __future__ import annotations

import inspect
import time
from pathlib import Path
from typing import Any

from label_studio_ml.errors import BadRequest
from label_studio_ml.loading import accepted
from label_studio_ml.model import LabelStudioMLBase
from label_studio_ml.validation.plain import plain

_PLACED = inspect.Parameter.POSITIONAL_OR_KEYWORD


def can_learn(model_class: type[LabelStudioMLBase]) -> bool:
    """Whether a model overrides `fit`."""
    return model_class.fit is not LabelStudioMLBase.fit


def takes_completions(model_class: type[LabelStudioMLBase]) -> bool:
    """Whether `fit` has the form of the Flask era: labeled tasks first, and no event."""
    parameters = list(inspect.signature(model_class.fit).parameters.values())[1:]
    if not parameters or parameters[0].kind not in (_PLACED, inspect.Parameter.POSITIONAL_ONLY):
        return False
    return parameters[0].name not in ("event", "data")


def fit(
    model: LabelStudioMLBase, event: str, data: dict[str, Any], workdir: Path
) -> tuple[Any, dict[str, Any]]:
    """Let a model learn.

    Args:
        model: of a project in training.
        event: why.
        data: what the server sent.
        workdir: the training's folder.

    Returns:
        What `fit` returned, and what is to be kept with it: the folder and, if need be, a new model version.

    Raises:
        BadRequest: a model of the Flask era has nothing to learn from.
        NotPlain: JSON cannot hold what it returned.
    """
    before = model.model_version
    params = dict(data.get("params") or {})
    if takes_completions(type(model)):
        tasks = model.labeled_tasks(data)
        if not tasks:
            raise BadRequest("No completions found.")
        keywords = {**params, "workdir": str(workdir), "event": event, "data": data}
        result = model.fit(tasks, **accepted(model.fit, keywords))
    else:
        keywords = {**params, "event": event, "data": data}
        result = model.fit(**accepted(model.fit, keywords))
    result = plain(result, "train_output")
    changes: dict[str, Any] = {"train_output": result} if isinstance(result, dict) else {}
    if result is not None:
        changes["workdir"] = str(workdir)
        if model.model_version == before:
            changes["model_version"] = _next_version(model, before)
    return result, changes


def _next_version(model: LabelStudioMLBase, before: str | None) -> str:
    """Return a version for a model that does not count its own: the second of the training in the Flask era's form."""
    if not takes_completions(type(model)):
        return model.bump_model_version()
    now = str(int(time.time()))
    return now if before is None or not before.isdecimal() or int(before) < int(now) else str(int(before) + 1)
