"""What tests of the pages share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User


@pytest.fixture
def browser_of() -> Callable[[User | None], Client]:
    """Return a client in which a person is signed in; nobody for None."""

    def client_of(person: User | None) -> Client:
        client = Client()
        if person is not None:
            client.force_login(person)
        return client

    return client_of
