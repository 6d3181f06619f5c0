"""Counts for /metrics, added up over all server processes in the state file."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

from label_studio_ml.state import State

FLUSH_SECONDS = 1.0

_HELP = {
    "requests_total": "Requests answered, by route and status.",
    "request_seconds_total": "Time spent answering requests, by route, in seconds.",
    "predicted_tasks_total": "Tasks that were predicted.",
    "refused_predictions_total": "Answers of the model that could not be used.",
    "trainings": "Trainings that are kept, by status.",
}


class Counters:
    """Counts in memory, and now and then in the state file."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._pending: Counter[tuple[str, str]] = Counter()
        self._flushed_at = 0.0

    def add(self, name: str, label: str = "", amount: float = 1) -> None:
        """Count something."""
        with self._lock:
            self._pending[name, label] += amount  # type: ignore[assignment] # a Counter takes any number

    def flush_now_and_then(self) -> None:
        """Write what was counted, at most once a second."""
        if self._pending and time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what was counted."""
        self._flushed_at = time.monotonic()
        with self._lock:
            pending, self._pending = self._pending, Counter()
        rows = [(name, label, value) for (name, label), value in pending.items()]
        with self._state.changing() as connection:
            connection.executemany(
                "INSERT INTO counters VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value",
                rows,
            )

    def read(self) -> dict[str, dict[str, float]]:
        """Return every count, by name and label."""
        self.flush()
        found: dict[str, dict[str, float]] = {name: {} for name in _HELP}
        for row in self._state.rows("SELECT name, label, value FROM counters ORDER BY name, label"):
            found.setdefault(row["name"], {})[row["label"]] = row["value"]
        for row in self._state.rows(
            "SELECT status, count(*) AS number FROM jobs GROUP BY status ORDER BY status"
        ):
            found["trainings"][f'status="{row["status"]}"'] = row["number"]
        return found

    def as_json(self) -> dict[str, Any]:
        """Return every count for people and programs."""
        return dict(self.read())

    def as_text(self) -> str:
        """Return every count in the text format of Prometheus."""
        lines = []
        for name, values in self.read().items():
            full = f"label_studio_ml_{name}"
            lines += [f"# HELP {full} {_HELP.get(name, name)}"]
            lines += [f"# TYPE {full} {'counter' if name.endswith('_total') else 'gauge'}"]
            lines += [
                f"{full}{{{label}}} {value:g}" if label else f"{full} {value:g}"
                for label, value in values.items()
            ]
        return "\n".join(lines) + "\n"
