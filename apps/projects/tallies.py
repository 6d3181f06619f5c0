"""Keeps a project's running totals, in the same transaction as the rows they count."""

from __future__ import annotations

import random

from django.db import connection

from apps.projects.queries import TALLY_NAMES

SHARDS = 16
"""Into how many rows a project's totals are spread."""


def add(project_id: int, **deltas: int) -> None:
    """Add `deltas` (by the names of `ProjectTally`'s columns) to the totals of a project; one statement."""
    changed = {name: delta for name, delta in deltas.items() if delta}
    if unknown := changed.keys() - set(TALLY_NAMES):
        raise TypeError(f"no totals named {sorted(unknown)}")
    if not changed:
        return
    columns = ", ".join(TALLY_NAMES)
    marks = ", ".join(["%s"] * len(TALLY_NAMES))
    sums = ", ".join(f"{name} = tally.{name} + excluded.{name}" for name in changed)
    statement = (
        f"INSERT INTO projects_projecttally AS tally (project_id, shard, {columns}) VALUES (%s, %s, {marks})"  # noqa: S608
        f" ON CONFLICT (project_id, shard) DO UPDATE SET {sums}"
    )
    values = [changed.get(name, 0) for name in TALLY_NAMES]
    with connection.cursor() as cursor:
        cursor.execute(statement, [project_id, random.randrange(SHARDS), *values])  # noqa: S311
