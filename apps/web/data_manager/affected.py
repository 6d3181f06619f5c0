"""How much an action is about to touch."""

from __future__ import annotations

from dataclasses import dataclass

from apps.data_manager.conditions import Parameters
from apps.data_manager.searching import search
from apps.data_manager.task_query import TaskQuery

_AFFECTED = """
SELECT count(*), coalesce(sum(t.completions_count), 0), coalesce(sum(t.skips_count), 0),
       coalesce(sum(t.predictions_count), 0)
FROM tasks_task t WHERE {where}
"""


@dataclass(frozen=True, slots=True)
class Affected:
    """The selected tasks, and what hangs on them."""

    tasks: int
    completions: int
    skips: int
    predictions: int


def affected_by(query: TaskQuery) -> Affected:
    """Count the tasks that `query` means.

    Raises:
        ValidationFailed: they cannot be searched, or it takes too long.
    """
    parameters = Parameters()
    (counts,) = search(_AFFECTED.format(where=query.condition(parameters)), parameters)
    return Affected(*map(int, counts))
