"""How measured durations become figures."""

from __future__ import annotations

import pytest

from bench.figures import Durations, Pair, nearest_rank


def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed() -> None:
    values = [float(value) for value in range(20, 0, -1)]

    assert [nearest_rank(values, percent) for percent in (0, 50, 95, 100)] == [1, 10, 19, 20]


def test_durations_are_reported_in_milliseconds() -> None:
    assert Durations([0.25, 0.5, 0.75]).percentile(50) == 500


def test_a_duration_twice_as_long_as_the_bare_one_has_the_ratio_two() -> None:
    assert Pair("export", "s", product=3.0, bare=1.5).ratio == 2


def test_a_rate_half_as_high_as_the_bare_one_has_the_ratio_two() -> None:
    assert Pair("export", "MB/s", product=40.0, bare=80.0, more_is_better=True).ratio == 2


@pytest.mark.parametrize("bare", [None, 0.0])
def test_without_a_bare_figure_there_is_no_ratio(bare: float | None) -> None:
    assert Pair("size", "MB", product=8.0, bare=bare).ratio is None
