"""A connection to the database that is kept from request to request, and ends in between."""

from __future__ import annotations

from typing import cast

import psycopg2
import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections

from apps.core.postgresql import base

pytestmark = pytest.mark.django_db(transaction=True)


def _begin_request() -> None:
    database = cast("base.DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
    database.health_check_enabled, database.health_check_done = True, False
    database.close_if_health_check_failed()


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("asked_every", [10.0, 0.0], ids=["socket", "question"])
def test_a_connection_that_stands_is_kept(monkeypatch, asked_every):
    monkeypatch.setattr(base, "ASKED_EVERY", asked_every)
    backend = _backend()

    _begin_request()

    assert _backend() == backend


@pytest.mark.parametrize("asked_every", [10.0, 0.0], ids=["socket", "question"])
def test_a_connection_that_the_server_ended_is_replaced(monkeypatch, asked_every):
    monkeypatch.setattr(base, "ASKED_EVERY", asked_every)
    backend = _backend()
    other = psycopg2.connect(connection.connection.dsn, password=connection.settings_dict["PASSWORD"])
    with other.cursor() as cursor:
        # Returns when the backend has ended.
        cursor.execute("SELECT pg_terminate_backend(%s, 60000)", [backend])
        assert cursor.fetchone() == (True,)
    other.close()

    _begin_request()

    assert _backend() != backend
