"""Reads the predictions of a version beside completions: one statement, a server-side cursor."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import orjson
from django.db import connections, transaction

from apps.ml.quality.comparing import Pair

ROWS_PER_FETCH = 500

# Completions that were made of predictions without anybody's work tell nothing of people, until somebody changes them
# or vouches for them.
_OF_VERSION = """
FROM predictions_prediction p
JOIN tasks_task t ON t.id = p.task_id AND t.completions_count > 0
CROSS JOIN LATERAL (
    SELECT c.id, c.result FROM completions_completion c
    WHERE c.task_id = t.id AND NOT c.was_cancelled AND (c.ground_truth OR NOT %(ground_truth_only)s)
      AND (c.ground_truth OR c.parent_prediction IS NULL OR c.lead_time IS NOT NULL OR c.version > 1)
    ORDER BY c.created_at DESC, c.id DESC LIMIT 1
) answer
WHERE p.project_id = %(project)s AND p.model_version = %(version)s
"""
_PAIRS = f"SELECT t.id, t.inner_id, p.score, p.result::text, answer.id, answer.result::text {_OF_VERSION}"
_COUNT = f"SELECT count(*) {_OF_VERSION}"


def count_pairs(project_id: int, version: str, *, ground_truth_only: bool) -> int:
    """Return how many pairs `pairs` would yield."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_COUNT, _parameters(project_id, version, ground_truth_only))
        return int(cursor.fetchone()[0])


def pairs(project_id: int, version: str, *, ground_truth_only: bool) -> Iterator[Pair]:
    """Yield each task's prediction of a version beside its newest completion by a person, as of one moment.

    Args:
        ground_truth_only: of completions, only ground truth counts.
    """
    with transaction.atomic():
        connection = connections["default"].connection
        with closing(connection.cursor(name=f"quality_{uuid.uuid4().hex}")) as rows:
            rows.itersize = ROWS_PER_FETCH
            rows.execute(_PAIRS, _parameters(project_id, version, ground_truth_only))
            for task_id, inner_id, score, predicted, completion_id, answered in rows:
                yield Pair(
                    task_id, inner_id, score, orjson.loads(predicted), completion_id, orjson.loads(answered)
                )


def _parameters(project_id: int, version: str, ground_truth_only: bool) -> dict[str, Any]:
    return {"project": project_id, "version": version, "ground_truth_only": ground_truth_only}
