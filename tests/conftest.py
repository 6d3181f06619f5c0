"""What every test may ask for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.accounts.services import create_api_token
from apps.core import redis
from apps.core.redis import redis_client
from apps.ml.training import watching
from tests.cast import Cast, make_cast
from tests.emptying import empty_by_deleting

# The same examples in each run: what fails was changed. `--hypothesis-profile=random` looks for others.
settings.register_profile("random", suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("random"), derandomize=True)
settings.load_profile("same")
# Without an answer the product lets everybody through: a loaded machine takes its time.
redis.TIMEOUT_SECONDS = 30


@pytest.fixture(autouse=True, scope="session")
def quick_emptying() -> None:
    """Empty the database quickly behind tests that commit."""
    empty_by_deleting()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, dropped although a session may still be open.

    With a browser's event loop in the thread of the tests, Django may have a second connection there, and closes only
    one of them when all is over.
    """
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def nothing_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know of no model that waits for completions, until a test forgets that.

    It is else asked anew every few seconds, and counted among the statements of whichever test comes by.
    """
    monkeypatch.setattr(watching, "_known", (math.inf, watching.Watched({}, frozenset())))


@pytest.fixture(autouse=True)
def empty_valkey() -> None:
    """Forget what the product kept in Valkey, such as how many wrong keys came from an address in the last minute."""
    if keys := list(redis_client().scan_iter("label-studio:*", count=10_000)):
        redis_client().delete(*keys)


@pytest.fixture
def cast(db: None) -> Cast:
    """A project of three tasks with one person of each role."""
    return make_cast()


@pytest.fixture
def api() -> Callable[[User | None], APIClient]:
    """Return an API client that acts as a person, by an API token; as nobody for None."""

    def client_of(person: User | None) -> APIClient:
        client = APIClient()
        if person is not None:
            client.credentials(HTTP_AUTHORIZATION=f"Token {create_api_token(user=person)}")
        return client

    return client_of
