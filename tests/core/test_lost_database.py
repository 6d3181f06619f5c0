"""A database that goes away in the middle: who asks over the API is told to ask again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from tests.factories import make_user


@pytest.mark.django_db(transaction=True)
def test_a_request_over_the_api_whose_connection_is_lost_may_be_sent_again(api: Any) -> None:
    client = api(make_user())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 60000)", [backend])  # returns when it has ended
    other.close()

    answer = client.get("/api/projects/")
    connection.close()

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["detail"].startswith("The database does not answer at the moment.")
