"""A directory with a model, as `label-studio-ml init` makes it."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from label_studio_ml.errors import ScriptError

SCRIPT = "model.py"
LABEL_CONFIG = "label_config.xml"
TASKS = "tasks.json"
SETTINGS = "ml_backend.toml"
OLD_PARAMS = "config.json"


@dataclass(frozen=True, slots=True)
class BackendDirectory:
    """What a directory holds.

    Attributes:
        root: the directory.
        script: the file with the model.
        class_name: the model class, where `ml_backend.toml` names one.
        params: keyword arguments of the model, of `ml_backend.toml` or the Flask era's `config.json`.
    """

    root: Path
    script: Path
    class_name: str | None = None
    params: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def at(cls, path: Path) -> Self:
        """Return the directory at `path`, or around a script at `path`.

        Raises:
            ScriptError: there is no script, or its settings cannot be read.
        """
        root, script = (path.parent, path) if path.suffix == ".py" else (path, path / SCRIPT)
        if not script.is_file():
            raise ScriptError(
                f"There is no {script}. Make a directory with: label-studio-ml init {path.name}"
            )
        settings = _settings(root) if path.suffix != ".py" else {}
        params = settings.get("params", {})
        return cls(root.resolve(), script.resolve(), settings.get("class"), params)

    @property
    def label_config_file(self) -> Path | None:
        """The labeling config to try the model with."""
        path = self.root / LABEL_CONFIG
        return path if path.is_file() else None

    @property
    def label_config(self) -> str | None:
        """Its text."""
        return self.label_config_file.read_text() if self.label_config_file else None

    @property
    def tasks_file(self) -> Path | None:
        """Tasks to try the model with."""
        path = self.root / TASKS
        return path if path.is_file() else None


def _settings(root: Path) -> dict[str, Any]:
    modern, old = root / SETTINGS, root / OLD_PARAMS
    try:
        if modern.is_file():
            return tomllib.loads(modern.read_text())
        if old.is_file():
            params = json.loads(old.read_text())
            return {"params": params if isinstance(params, dict) else {}}
    except ValueError as error:
        raise ScriptError(f"The settings in {root} cannot be read: {error}") from error
    return {}


def parameter(text: str) -> tuple[str, Any]:
    """Return the key and the value of `KEY=VALUE`; a number, true or false become what they mean.

    Raises:
        ScriptError: it has another form.
    """
    key, sign, value = text.partition("=")
    if not sign or not key.isidentifier():
        raise ScriptError(f"{text!r} must have the form KEY=VALUE.")
    if value.lower() in ("true", "false"):
        return key, value.lower() == "true"
    for kind in (int, float):
        try:
            return key, kind(value)
        except ValueError:
            continue
    return key, value
