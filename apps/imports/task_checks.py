"""Says what keeps a task's data from being shown, a million times over."""

from __future__ import annotations

from typing import Any

from apps.labeling.config import LabelingConfig
from apps.labeling.task_data import validate_task

_SIMPLE = frozenset({str, int, float, bool, type(None)})
_MISSING = object()


class TaskCheck:
    """`validate_task` for many tasks of one config.

    Whether simple values can be shown depends on their kinds alone, so a combination of kinds is judged once.
    Lists and objects are judged each time.

    Args:
        config: what shows the tasks.
    """

    def __init__(self, config: LabelingConfig) -> None:
        self._config = config
        self._variables = tuple(config.variables)
        self._defaults = (_MISSING,) * len(self._variables)
        self._good: set[tuple[type, ...]] = set()

    def __call__(self, data: dict[str, Any]) -> list[str]:
        """Return what `validate_task` returns."""
        kinds = tuple(map(type, map(data.get, self._variables, self._defaults)))
        if kinds in self._good:
            return []
        problems = validate_task(self._config, data)
        if not problems and _SIMPLE.issuperset(kinds):
            self._good.add(kinds)
        return problems
