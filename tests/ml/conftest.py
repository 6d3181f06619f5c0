"""What every test of models may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.ml.fake_backend import FakeBackend, fake_backend


@pytest.fixture(autouse=True)
def loopback_is_allowed(settings: Settings) -> None:
    """Let backends be on this machine, as `label-studio start` does for one person."""
    settings.ML_ALLOW_LOOPBACK = True


@pytest.fixture
def fake() -> Iterator[FakeBackend]:
    """A backend of today that is well."""
    with fake_backend() as backend:
        yield backend
