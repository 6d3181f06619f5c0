"""How much an export would bring, from the first of its tasks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from django.db import OperationalError, connection
from psycopg2.errors import QueryCanceled

from apps.exports.formats import Report
from apps.exports.queries import count_tasks_quickly, exported_tasks, snapshot
from apps.exports.writing import Writer

SAMPLE = 100
_SAMPLING_MAY_TAKE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an export would hold.

    Attributes:
        tasks: how many; None where counting takes too long.
        size: bytes, about, without media files; None where that is not known.
    """

    tasks: int | None
    size: int | None


def estimate(writer: Writer) -> Estimate:
    """Count the tasks of an export, and guess its size by writing the first `SAMPLE` of them."""
    tasks = count_tasks_quickly(writer.statement())
    if not tasks:
        return Estimate(tasks, None)
    sample = _sample(writer)
    if not sample:
        return Estimate(tasks, None)
    # A writer of its own: what the sample is reported for is none of the export's business.
    plain = replace(writer, spec=replace(writer.spec, media=False), report=Report())
    size = sum(map(len, plain.written(sample)))
    return Estimate(tasks, size * tasks // len(sample))


def _sample(writer: Writer) -> list[str] | None:
    milliseconds = str(int(_SAMPLING_MAY_TAKE.total_seconds() * 1000))
    try:
        with snapshot():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [milliseconds])
            return list(islice(exported_tasks(writer.statement(), rows_per_fetch=SAMPLE), SAMPLE))
    except (OperationalError, QueryCanceled) as error:
        if isinstance(error, QueryCanceled) or isinstance(error.__cause__, QueryCanceled):
            return None
        raise
