"""Real threads, each with a database connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

Together = Callable[[Iterable[Callable[[], Any]]], list[Any]]


@pytest.fixture
def together(transactional_db: None) -> Together:
    """Return a function that runs calls at the same moment and returns their results, or errors, in order."""

    def run(calls: Iterable[Callable[[], Any]]) -> list[Any]:
        started = list(calls)
        barrier = Barrier(len(started))

        def one(call: Callable[[], Any]) -> Any:
            try:
                barrier.wait(timeout=30)
                return call()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                return error
            finally:
                connection.close()

        with ThreadPoolExecutor(max_workers=len(started)) as pool:
            return list(pool.map(one, started))

    return run
