"""Reads that are given up after a time leave nothing behind: neither their limit nor a lost transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import DataError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.core.bounded_queries import rows_within
from apps.projects.models import Project
from tests.factories import make_project

SOON = timedelta(milliseconds=50)
LATE = timedelta(minutes=2)
ENDLESS = "SELECT pg_sleep(600)"


def limit_now() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        return str(cursor.fetchone()[0])


@pytest.fixture(params=["alone", "in a transaction"])
def limit_before(request, transactional_db) -> Iterator[str]:
    """Bound all statements of a connection, which stands in a transaction or not."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '3min'")
    with transaction.atomic() if request.param == "in a transaction" else nullcontext():
        yield "3min"
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")


def test_a_read_has_its_own_limit_and_what_follows_the_one_before(limit_before) -> None:
    read = "SELECT current_setting('statement_timeout'), %(number)s + 1, '100 %%'"

    assert rows_within(LATE, read, {"number": 1}) == [("2min", 2, "100 %")]

    assert limit_now() == limit_before


def test_a_read_that_takes_too_long_is_given_up_and_the_limit_before_holds_again(limit_before) -> None:
    assert rows_within(SOON, ENDLESS, {}) is None

    assert limit_now() == limit_before


def test_a_read_that_fails_says_why_and_the_limit_before_holds_again(limit_before) -> None:
    with pytest.raises(DataError, match="division by zero"):
        rows_within(LATE, "SELECT 1 / %(number)s", {"number": 0})

    assert limit_now() == limit_before


def test_what_was_written_before_a_read_that_is_given_up_is_kept(transactional_db) -> None:
    with transaction.atomic():
        project = make_project()
        assert rows_within(SOON, ENDLESS, {}) is None
        assert rows_within(LATE, "SELECT count(*) FROM projects_project", {}) == [(1,)]

    assert Project.objects.get() == project


def test_a_limit_below_a_millisecond_is_one(db) -> None:
    assert rows_within(timedelta(microseconds=1), ENDLESS, {}) is None


def test_a_read_that_loses_its_connection_is_not_one_that_took_too_long(transactional_db) -> None:
    with pytest.raises(OperationalError):
        rows_within(LATE, "SELECT pg_terminate_backend(pg_backend_pid())", {})
    connection.close()


def test_a_read_outside_of_a_transaction_goes_out_in_one_message(transactional_db) -> None:
    with CaptureQueriesContext(connection) as captured:
        rows_within(LATE, "SELECT 1", {})

    assert [query["sql"] for query in captured] == ["SET LOCAL statement_timeout = 120000; SELECT 1"]
