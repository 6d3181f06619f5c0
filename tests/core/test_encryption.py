"""Secrets at rest."""

from __future__ import annotations

import pytest
from django.test import override_settings

from apps.core.encryption import SecretUnreadable, decrypt, encrypt

FIRST_KEY = "the first key, long enough to be one"
SECOND_KEY = "the second key, long enough to be one"


def test_a_secret_is_read_back_and_does_not_stand_in_what_is_stored() -> None:
    stored = encrypt("p4ss wörd")

    assert "p4ss" not in stored
    assert decrypt(stored) == "p4ss wörd"


def test_no_secret_stays_no_secret() -> None:
    assert encrypt("") == ""
    assert decrypt("") == ""


def test_after_the_key_was_rotated_a_secret_is_read_with_the_former_one() -> None:
    with override_settings(SECRET_KEY=FIRST_KEY):
        stored = encrypt("password")

    with override_settings(SECRET_KEY=SECOND_KEY, SECRET_KEY_FALLBACKS=[FIRST_KEY]):
        assert decrypt(stored) == "password"


def test_a_secret_under_a_lost_key_is_named_as_such() -> None:
    with override_settings(SECRET_KEY=FIRST_KEY):
        stored = encrypt("password")

    with (
        override_settings(SECRET_KEY=SECOND_KEY),
        pytest.raises(SecretUnreadable, match="SECRET_KEY_FALLBACKS"),
    ):
        decrypt(stored)
