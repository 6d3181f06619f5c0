"""What a server and its training processes are started with."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

VARIABLE = "LABEL_STUDIO_ML_SERVER"
"""The environment variable by which the command line hands the settings to the processes that it starts."""

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """See the options of `label-studio-ml start`.

    Attributes:
        script: the Python file with the model.
        class_name: the model class; None takes the only one.
        model_dir: where values, jobs, logs and files are kept.
        params: keyword arguments of every model.
        user: of HTTP Basic; None lets everybody in.
        password: of HTTP Basic.
        max_request_bytes: larger bodies are refused with 413.
        max_trainings: that run at once, in all projects.
        max_models: projects whose models stay in memory, in each process.
    """

    script: Path
    model_dir: Path
    class_name: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    user: str | None = None
    password: str | None = None
    max_request_bytes: int = 200 * MEGABYTE
    max_trainings: int = 2
    max_models: int = 8

    def environment(self) -> dict[str, str]:
        """Return the variables that `from_environment` reads."""
        values = {**asdict(self), "script": str(self.script), "model_dir": str(self.model_dir)}
        return {VARIABLE: json.dumps(values), "MODEL_DIR": str(self.model_dir)}

    @classmethod
    def from_environment(cls) -> Self:
        """Return the settings that the command line handed over."""
        values = json.loads(os.environ[VARIABLE])
        return cls(**{**values, "script": Path(values["script"]), "model_dir": Path(values["model_dir"])})
