"""Work that comes back by itself: a kind says how often, and the sweep enqueues it."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from apps.jobs.kinds import recurring_kinds
from apps.jobs.models import Recurrence
from apps.jobs.services import enqueue


def enqueue_recurring() -> int:
    """Enqueue the recurring work that is due, within the transaction of the sweep; return how many jobs that is.

    The sweep's lock lets one worker at a time decide. The time of the last job is kept in a row of its own, since
    jobs may be deleted. Work that is seen for the first time is due one interval later, not at once: an instance
    that was just made or upgraded has other things to do. While the last job is still active, the next joins it.
    """
    intervals = {kind.name: kind.every for kind in recurring_kinds() if kind.every is not None}
    ages = _ages()
    due = [name for name, interval in intervals.items() if name in ages and ages[name] >= interval]
    if due:
        Recurrence.objects.filter(kind__in=due).update(enqueued_at=Now())
    for name in due:
        enqueue(kind=name, dedupe_key=f"recurring:{name}")
    if new := intervals.keys() - ages.keys():
        Recurrence.objects.bulk_create([Recurrence(kind=name) for name in sorted(new)])
    return len(due)


def _ages() -> dict[str, timedelta]:
    """Return how long ago each recurring work was enqueued, by the database's clock."""
    age = ExpressionWrapper(Now() - F("enqueued_at"), output_field=DurationField())
    return dict(Recurrence.objects.annotate(age=age).values_list("kind", "age"))
