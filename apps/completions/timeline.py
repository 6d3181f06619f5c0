"""The history of a task's completions: the latest versions of each, bounded however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from apps.completions.history import ResultCount
from apps.completions.models import Revision


def latest_earlier_versions(completion_ids: Collection[int], *, each: int) -> dict[int, Sequence[Revision]]:
    """Return, by completion, its last `each` versions before the present one, newest first, in one query.

    The completions must be ones the caller may see. Results are not read; `result_count` says how long they are.
    """
    revisions = Revision.objects.filter(completion_id__in=completion_ids)
    places = Window(RowNumber(), partition_by=F("completion_id"), order_by=F("version").desc())
    newest = revisions.annotate(place=places, result_count=ResultCount(F("result"))).filter(place__lte=each)
    found: dict[int, list[Revision]] = defaultdict(list)
    for revision in newest.select_related("changed_by").defer("result").order_by("-version"):
        found[revision.completion_id].append(revision)
    return {completion_id: found[completion_id] for completion_id in completion_ids}


def with_result_counts(completions: QuerySet[Any]) -> QuerySet[Any]:
    """Return completions without their results, each with how long that is as `result_count`."""
    counted: QuerySet[Any] = completions.defer("result").annotate(result_count=ResultCount(F("result")))
    return counted
