"""Searches among tasks that somebody waits for: bounded in time, and wrong patterns are the asker's mistake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import DataError

from apps.core.bounded_queries import rows_within
from apps.core.errors import ValidationFailed
from apps.data_manager.conditions import Parameters

TIME_LIMIT = timedelta(seconds=10)
"""How long one search may take while somebody waits."""

BACKGROUND_TIME_LIMIT = timedelta(minutes=10)


def search(statement: str, parameters: Parameters, limit: timedelta | None = None) -> list[tuple[Any, ...]]:
    """Return the rows of a statement about tasks.

    Args:
        limit: how long it may take; None: `TIME_LIMIT`.

    Raises:
        ValidationFailed: it takes longer, or a regular expression in it is none.
    """
    limit = limit or TIME_LIMIT
    try:
        rows = rows_within(limit, statement, parameters)
    except DataError as error:
        raise wrong_search(error) from error
    if rows is None:
        raise given_up(limit)
    return rows


def answers_of(task_ids: Sequence[int]) -> tuple[int, int]:
    """Return how many completions and predictions some tasks have."""
    parameters = Parameters()
    ((completions, predictions),) = search(
        "SELECT coalesce(sum(completions_count), 0), coalesce(sum(predictions_count), 0) FROM tasks_task"  # noqa: S608
        f" WHERE id = ANY({parameters.mark(list(task_ids))}::bigint[])",
        parameters,
    )
    return int(completions), int(predictions)


def given_up(limit: timedelta) -> ValidationFailed:
    """Return what to tell the asker of a search that took longer than `limit`."""
    return ValidationFailed(
        f"The search was given up after {limit.total_seconds():g} seconds. Use fewer or simpler filters, "
        "or order by another column."
    )


def wrong_search(error: DataError) -> ValidationFailed:
    """Return what to tell the asker of a statement that Postgres refused."""
    reason = str(error).strip().splitlines()[0]
    return ValidationFailed(f"The tasks cannot be searched like this: {reason}.")
