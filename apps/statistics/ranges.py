"""Ranges of days, and the days or weeks in them, in the time zone of whoever looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from apps.core.errors import ValidationFailed

MAX_PERIODS = 1_100
"""Three years by day, twenty-one by week."""

EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
DEFAULT_DAYS = 30
MAX_DAYS_BY_DAY = 92
"""Longer ranges are shown by week, unless somebody asks for days."""


class Period(StrEnum):
    """What one point of a picture stands for; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True)
class DayRange:
    """Whole days of one time zone, from `first` to `last`, both included."""

    first: date
    last: date
    zone: ZoneInfo
    by: Period = Period.DAY

    @cached_property
    def periods(self) -> list[date]:
        """The first day of each period; of a week that began earlier, the first day of the range."""
        days = (self.last - self.first).days + 1
        if self.by is Period.DAY:
            return [self.first + timedelta(days=number) for number in range(days)]
        monday = self.first - timedelta(days=self.first.weekday())
        mondays = [monday + timedelta(days=number) for number in range(7, days + self.first.weekday(), 7)]
        return [self.first, *mondays]

    @cached_property
    def borders(self) -> list[datetime]:
        """The moments at which a period begins, and that at which the last one ends."""
        return [_midnight(day, self.zone) for day in (*self.periods, self.last + timedelta(days=1))]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def zone_named(name: str) -> ZoneInfo | None:
    """Return the time zone of this name in the IANA database; None when there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder, or too long for a file
        return None


def read_range(parameters: Mapping[str, str], *, zone: ZoneInfo, beginning: date | None) -> DayRange:
    """Return the range that `from`, `to`, `range` and `by` say; the last thirty days when they say nothing.

    Args:
        parameters: `from` and `to` are days; `range` is a number of days that end with `to`, or "all"; `by` is "day"
            or "week".
        zone: whose days are meant.
        beginning: the first day of which anything is known, for "all".

    Raises:
        ValidationFailed: naming the parameter that is none of that.
    """
    today = timezone.now().astimezone(zone).date()
    last = _day(parameters, "to") or today
    first = _day(parameters, "from") or _first_day(parameters.get("range", ""), last, beginning)
    if first > last:
        raise ValidationFailed("from is after to.", fields={"from": ["It is after the last day."]})
    by = _period(parameters.get("by", ""), days=(last - first).days + 1)
    found = DayRange(first, last, zone, by)
    if len(found.periods) > MAX_PERIODS:
        message = f"These are more than {MAX_PERIODS:,} {by}s. Ask for a shorter range, or by=week."
        raise ValidationFailed(message, fields={"from": [message]})
    return found


def _day(parameters: Mapping[str, str], name: str) -> date | None:
    text = parameters.get(name, "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        message = f"{name} must be a day such as 2026-01-31."
        raise ValidationFailed(message, fields={name: [message]})
    return day


def _first_day(text: str, last: date, beginning: date | None) -> date:
    if text == "all":
        return max(min(beginning or last, last), EARLIEST)
    if text and not (text.isascii() and text.isdecimal() and len(text) < 6 and int(text)):
        message = 'range must be a number of days, or "all".'
        raise ValidationFailed(message, fields={"range": [message]})
    return max(last - timedelta(days=int(text or DEFAULT_DAYS) - 1), EARLIEST)


def _period(text: str, *, days: int) -> Period:
    if not text:
        return Period.DAY if days <= MAX_DAYS_BY_DAY else Period.WEEK
    if text not in list(Period):
        message = "by must be day or week."
        raise ValidationFailed(message, fields={"by": [message]})
    return Period(text)
