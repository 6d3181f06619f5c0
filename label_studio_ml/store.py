"""What a model keeps between requests, per project: `self.get` and `self.set`, and what the server told."""

from __future__ import annotations

import json
import time
from typing import Any, Protocol

from label_studio_ml.state import State


class Values(Protocol):
    """Named values of one project; each is anything that JSON can hold."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, or `default`."""

    def set(self, key: str, value: Any) -> None:
        """Keep `value` under `key`.

        Raises:
            TypeError: JSON cannot hold it.
            ValueError: it holds NaN or an infinite number.
        """


class StoredValues:
    """Values in the state file, seen by every process at once."""

    def __init__(self, state: State, project: str) -> None:
        self._state = state
        self._project = project

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, or `default`."""
        found = self._state.rows(
            "SELECT value FROM entries WHERE project = ? AND key = ?", self._project, key
        )
        return json.loads(found[0]["value"]) if found else default

    def set(self, key: str, value: Any) -> None:
        """Keep `value` under `key`; see `Values`."""
        self.update({key: value})

    def update(self, values: dict[str, Any]) -> None:
        """Keep several values at once; a new model version is noted among the project's versions."""
        rows = [(self._project, key, json.dumps(value, allow_nan=False)) for key, value in values.items()]
        with self._state.changing() as connection:
            connection.executemany(
                "INSERT INTO entries VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", rows
            )
            if values.get("model_version"):
                connection.execute(
                    "INSERT INTO versions VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    (self._project, str(values["model_version"]), time.time()),
                )


class BufferedValues:
    """Values of a training that runs: they count for everybody only when it has succeeded."""

    def __init__(self, stored: StoredValues) -> None:
        self._stored = stored
        self.changes: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        """Return what this training has set, else what is stored."""
        return self.changes[key] if key in self.changes else self._stored.get(key, default)

    def set(self, key: str, value: Any) -> None:
        """Keep `value` until the training ends; see `Values`."""
        self.changes[key] = json.loads(json.dumps(value, allow_nan=False))


def versions_of(state: State, project: str | None) -> list[str]:
    """Return the model versions of a project, the newest first; of all projects for None."""
    if project is None:
        found = state.rows("SELECT version FROM versions GROUP BY version ORDER BY max(created_at) DESC")
    else:
        found = state.rows(
            "SELECT version FROM versions WHERE project = ? ORDER BY created_at DESC, version DESC", project
        )
    return [row["version"] for row in found]


def known_projects(state: State) -> list[str]:
    """Return the projects that were set up or have kept something."""
    return [row["project"] for row in state.rows("SELECT DISTINCT project FROM entries ORDER BY project")]
