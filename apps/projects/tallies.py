"""Keeps a project's running totals, in the same transaction as the rows they count."""

from __future__ import annotations

import random
from typing import Any

from apps.core.prepared import Prepared
from apps.projects.queries import TALLY_NAMES

SHARDS = 16
"""Into how many rows a project's totals are spread."""

ADD = f"""
INSERT INTO projects_projecttally AS tally (project_id, shard, {", ".join(TALLY_NAMES)})
SELECT %(tally_project)s::bigint, %(tally_shard)s::int, {", ".join(f"%(tally_{name})s::bigint" for name in TALLY_NAMES)}
WHERE %(tally_changed)s::bool
ON CONFLICT (project_id, shard) DO UPDATE
    SET {", ".join(f"{name} = tally.{name} + excluded.{name}" for name in TALLY_NAMES)}
"""  # noqa: S608 - the names are those of columns
"""Adds what `added` returns, as a statement or as the end of one that writes the rows which are counted."""

_ADD = Prepared("add_to_totals", ADD)


def adding(source: str, **deltas: str) -> str:
    """Return what adds to a project's totals as a part of the statement that writes the rows which are counted.

    Its parameter `tally_shard` is that of `shard`.

    Args:
        source: of one row with the project's id as `project_id`, or of none, as when nothing was written.
        deltas: expressions over it, by the names of `ProjectTally`'s columns; the other totals stay.
    """
    names, values = ", ".join(deltas), ", ".join(deltas.values())
    others = [name for name in TALLY_NAMES if name not in deltas]
    return f"""
    INSERT INTO projects_projecttally AS tally (project_id, shard, {", ".join([names, *others])})
    SELECT project_id, %(tally_shard)s::int, {", ".join([values, *("0" for _ in others)])} FROM {source}
    WHERE {" OR ".join(f"{value} <> 0" for value in deltas.values())}
    ON CONFLICT (project_id, shard) DO UPDATE
        SET {", ".join(f"{name} = tally.{name} + excluded.{name}" for name in deltas)}
    """  # noqa: S608 - written by programs


def shard() -> int:
    """Return the row of a project's totals that one change goes to: any, so that many at once do not wait."""
    return random.randrange(SHARDS)  # noqa: S311 - nothing secret


def added(project_id: int, **deltas: int) -> dict[str, Any]:
    """Return the values of `ADD` that add `deltas` (by the names of `ProjectTally`'s columns) to a project's totals."""
    if unknown := deltas.keys() - set(TALLY_NAMES):
        raise TypeError(f"no totals named {sorted(unknown)}")
    return {
        "tally_project": project_id,
        "tally_shard": shard(),
        "tally_changed": any(deltas.values()),
        **{f"tally_{name}": deltas.get(name, 0) for name in TALLY_NAMES},
    }


def add(project_id: int, **deltas: int) -> None:
    """Add `deltas` (by the names of `ProjectTally`'s columns) to the totals of a project; one statement."""
    values = added(project_id, **deltas)
    if values["tally_changed"]:
        _ADD.rows(**values)
