"""Brings a project's counts in step before somebody looks at them, as far as that takes no time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from apps.jobs.services import enqueue
from apps.statistics.counting import try_count_block
from apps.statistics.models import ChangedBlock

COUNT_STATISTICS = "statistics"
"""The kind of the job that counts whatever is noted as changed."""

COUNTED_AT_ONCE = 3
"""Blocks that are counted while somebody waits; about 30 ms each."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the counts are to be trusted.

    Attributes:
        exact: whether everything is counted.
        as_of: if not, the moment up to which it is; None when nothing was ever counted.
    """

    exact: bool
    as_of: datetime | None = None


EXACT = Freshness(exact=True)


def bring_up_to_date(project_id: int) -> Freshness:
    """Count the blocks of a project in which something changed; if there are many, have a job do it.

    The counts of its tasks and predictions are exact at any time.
    """
    noted = ChangedBlock.objects.filter(project_id=project_id)
    blocks = list(noted.values_list("block", flat=True).distinct().order_by("block")[: COUNTED_AT_ONCE + 1])
    if None in blocks or len(blocks) > COUNTED_AT_ONCE:
        enqueue(kind=COUNT_STATISTICS, dedupe_key=f"recurring:{COUNT_STATISTICS}")
        as_of = None if None in blocks else noted.aggregate(oldest=Min("changed_at"))["oldest"]
        return Freshness(exact=False, as_of=as_of)
    if all(try_count_block(project_id, block) for block in blocks if block is not None):
        return EXACT
    # Somebody else is counting at this moment; what they take up now is not counted for this reader.
    return Freshness(exact=False, as_of=noted.aggregate(oldest=Min("changed_at"))["oldest"])
