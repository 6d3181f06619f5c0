"""The label page's bar: how much one answered today, where one is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.tasks.models import Task
from apps.web.time_zones import midnight_in
from tests.cast import Cast
from tests.factories import make_completion

BrowserOf = Callable[[User | None], Client]


def test_a_day_begins_at_midnight_where_the_person_is() -> None:
    there = midnight_in("Pacific/Kiritimati")
    now = datetime.now(UTC)
    assert (there.hour, there.minute, there.utcoffset()) == (0, 0, timedelta(hours=14))
    assert timedelta(0) <= now - there < timedelta(days=1)


@pytest.mark.parametrize("zone", ["", "Nowhere/Here", "../../etc/passwd", "Europe", "\x00", "x" * 5_000])
def test_what_is_no_time_zone_means_that_of_the_server(zone: str) -> None:
    assert midnight_in(zone) == midnight_in("UTC")


def test_the_bar_counts_today_where_the_person_is(cast: Cast, browser_of: BrowserOf) -> None:
    make_completion(Task.objects.filter(project=cast.project).order_by("pk")[0], cast.annotator)

    page = browser_of(cast.annotator).get(f"/projects/{cast.project.pk}/label/progress?zone=Asia/Tokyo")

    assert "1 by you today" in page.content.decode()
