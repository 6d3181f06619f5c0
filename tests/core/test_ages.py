"""How long ago something was, in the words of Django's `timesince`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.timesince import timesince
from hypothesis import given
from hypothesis import strategies as st

from apps.core.ages import time_since

NOW = datetime(2026, 3, 30, 12, 34, 56, tzinfo=UTC)


@given(st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=800)))
def test_ages_are_told_as_django_tells_them(age: timedelta) -> None:
    assert time_since(NOW - age, NOW) == timesince(NOW - age, NOW)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=59), "0 minutes"),
        (timedelta(hours=2, minutes=5), "2 hours, 5 minutes"),
        (timedelta(days=27, hours=23), "3 weeks, 6 days"),
        (timedelta(days=31), "1 month"),
    ],
)
def test_an_age_is_told_in_two_units_at_most(age: timedelta, words: str) -> None:
    assert time_since(NOW - age, NOW).replace("\xa0", " ") == words
