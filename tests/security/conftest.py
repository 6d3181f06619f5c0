"""What the tests of access share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.ml.fake_backend import FakeBackend, fake_backend


@pytest.fixture(scope="session")
def well_model() -> Iterator[FakeBackend]:
    """One ML backend that is well, for all tests."""
    with fake_backend() as backend:
        yield backend


@pytest.fixture
def model(well_model: FakeBackend, settings: Any) -> FakeBackend:
    """That backend, at an address to which the operator lets models be."""
    settings.ML_ALLOW_LOOPBACK = True
    return well_model
