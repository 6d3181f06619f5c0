"""When a day begins, where a person is."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone


def midnight_in(zone_name: str) -> datetime:
    """Return when today began.

    Args:
        zone_name: as browsers name it ("Europe/Berlin"); anything that is no name of a zone means that of the server.
    """
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _midnight(timezone.localtime())
    return _midnight(datetime.now(zone))


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
