"""How many tasks a new labeling config could not show."""

from __future__ import annotations

from datetime import timedelta

from apps.core.bounded_queries import rows_within
from apps.projects.config_changes import ConfigChanges
from apps.projects.config_impact import Counted, VariableMissing

TIME_LIMIT = timedelta(seconds=3)
SUBSET = 20_000
"""How many tasks are looked at when there is no time for all."""

_TASKS = "SELECT data FROM tasks_task WHERE project_id = %(project)s {limit}"


def count_missing_variables(project_id: int, changes: ConfigChanges) -> Counted:
    """Count, for each key the new config shows and the old did not, the tasks that lack it; one statement."""
    if not changes.new_variables:
        return Counted()
    counts, is_complete = _count(project_id, changes.new_variables)
    effects = tuple(
        VariableMissing(variable, count)
        for variable, count in zip(changes.new_variables, counts, strict=True)
        if count or not is_complete
    )
    return Counted(effects, is_complete)


def _count(project_id: int, variables: tuple[str, ...]) -> tuple[list[int], bool]:
    columns = ", ".join(
        f"count(*) FILTER (WHERE NOT data ? %(variable_{index})s)" for index in range(len(variables))
    )
    parameters = {"project": project_id} | {
        f"variable_{index}": variable for index, variable in enumerate(variables)
    }
    for limit in ("", f"LIMIT {SUBSET}"):
        statement = f"SELECT {columns} FROM ({_TASKS.format(limit=limit)}) AS scanned"  # noqa: S608 - own text
        rows = rows_within(TIME_LIMIT, statement, parameters)
        if rows is not None:
            return [int(count) for count in rows[0]], not limit
    return [0] * len(variables), False
