"""From a script to the model class in it, and from the class to a model of one project."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from label_studio_ml.errors import ScriptError
from label_studio_ml.model import LabelStudioMLBase, bound_to
from label_studio_ml.project import Project

_MODULE = "label_studio_ml_script"


def load_model_class(script: Path, name: str | None = None) -> type[LabelStudioMLBase]:
    """Import a script and return its model class.

    Args:
        script: a Python file; the files beside it can be imported by it.
        name: the class; without it, the only subclass of `LabelStudioMLBase` that the script defines.

    Raises:
        ScriptError: there is no such file or class, it cannot be imported, or there are several classes.
    """
    script = script.resolve()
    if not script.is_file():
        raise ScriptError(f"There is no script {script}.")
    folder = str(script.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(_MODULE, script)
    if spec is None or spec.loader is None:
        raise ScriptError(f"{script} is no Python script: its name must end with .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE] = module  # pickled objects of the script's classes are found again by this name
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        raise ScriptError(
            f'{script} needs "{error.name}", which is not installed. Install what stands beside it: '
            f"pip install -r {script.parent / 'requirements.txt'}"
        ) from error
    except Exception as error:
        raise ScriptError(f"{script} cannot be imported: {type(error).__name__}: {error}") from error
    return _only_model(vars(module), script, name)


def _only_model(names: dict[str, Any], script: Path, name: str | None) -> type[LabelStudioMLBase]:
    found = {
        key: value
        for key, value in names.items()
        if inspect.isclass(value) and issubclass(value, LabelStudioMLBase) and value.__module__ == _MODULE
    }
    if name is not None:
        if name not in found:
            raise ScriptError(f"{script} has no model {name}; it has {', '.join(found) or 'none'}.")
        return found[name]
    leaves = [
        value for value in found.values() if not any(_is_base(value, other) for other in found.values())
    ]
    if len(leaves) == 1:
        return leaves[0]
    if not leaves:
        raise ScriptError(
            f"{script} has no model: it must define a subclass of label_studio_ml.LabelStudioMLBase."
        )
    raise ScriptError(
        f"{script} has several models ({', '.join(found)}): say which one, as {script.name}:{leaves[0].__name__}."
    )


def _is_base(candidate: type, other: type) -> bool:
    return candidate is not other and issubclass(other, candidate)


def build_model(
    model_class: type[LabelStudioMLBase], project: Project, label_config: str, params: dict[str, Any]
) -> LabelStudioMLBase:
    """Return a model of one project.

    Args:
        model_class: what `load_model_class` returned.
        project: whose values and folders it gets.
        label_config: the labeling config, as XML.
        params: further keyword arguments; those that the class does not take are left out.
    """
    keywords = {
        **params,
        "project_id": project.key,
        "label_config": label_config,
        "train_output": project.values.get("train_output") or {},
        "hostname": project.server.hostname,
    }
    with bound_to(project):
        return model_class(**accepted(model_class.__init__, keywords))


def accepted(function: Callable[..., Any], keywords: dict[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments that `function` takes."""
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return keywords
    names = {p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
    return {key: value for key, value in keywords.items() if key in names}
