"""How long ago something was, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.utils.timesince import timesince

SHORTER_THAN_ANY_MONTH = timedelta(days=28)

_START = datetime(2000, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def time_since(moment: datetime, now: datetime | None = None) -> str:
    """Return what Django's `timesince` does, such as "2 hours, 5 minutes", for lists with thousands of moments.

    Up to four weeks the words depend on nothing but the number of minutes, and are put together once for each.
    """
    age = (now or datetime.now(UTC)) - moment
    return _in_words(age // _MINUTE) if age < SHORTER_THAN_ANY_MONTH else timesince(moment, now)


@lru_cache(maxsize=SHORTER_THAN_ANY_MONTH // _MINUTE)
def _in_words(minutes: int) -> str:
    return timesince(_START, _START + minutes * _MINUTE)
