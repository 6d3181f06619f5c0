"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.accounts.services import create_api_token
from tests.cast import Cast, make_cast
from tests.emptying import empty_by_deleting


@pytest.fixture(autouse=True, scope="session")
def quick_emptying() -> None:
    """Empty the database quickly behind tests that commit."""
    empty_by_deleting()


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
