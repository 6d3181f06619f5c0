"""Labeling configs with what is expected of them, told by the start of the file's name.

good: the editor opens it, and so does the validator let it pass. broken: the editor fails on it or says that it is
wrong, and the validator refuses it. refused: the editor opens it, but answers could not be given, or not be told
apart; the validator refuses it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Example:
    """A config of the corpus."""

    name: str
    config: str

    @property
    def is_usable(self) -> bool:
        """Whether the validator lets it pass."""
        return self.name.startswith("good_")

    @property
    def opens(self) -> bool:
        """Whether the editor shows it."""
        return not self.name.startswith("broken_")


def corpus() -> list[Example]:
    """Return all configs, by name."""
    return [Example(path.stem, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.xml"))]


def task_data() -> dict[str, Any]:
    """Return the data of a task that every config of the corpus can show."""
    data: dict[str, Any] = json.loads((FOLDER / "task.json").read_text(encoding="utf-8"))
    return data
