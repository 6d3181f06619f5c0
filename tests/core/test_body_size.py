"""A body larger than any upload may be is refused before it is read."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client


class UnreadableBody(io.RawIOBase):
    """A gigabyte that nobody may touch."""

    def readinto(self, buffer: object) -> int:
        raise AssertionError("the body was read")


@pytest.mark.parametrize(
    ("address", "content_type"),
    [("/api/projects/1/import", "application/json"), ("/projects/1/import", "multipart/form-data")],
)
def test_a_gigabyte_is_413_and_not_read(db, address, content_type):
    extra: dict[str, Any] = {"wsgi.input": UnreadableBody()}
    response = Client().generic(
        "POST",
        address,
        content_type=content_type,
        CONTENT_LENGTH="1000000000",
        **extra,
    )
    assert response.status_code == 413
    assert b"1,000,000,000 bytes; this server takes 536,870,912 at once" in response.content
