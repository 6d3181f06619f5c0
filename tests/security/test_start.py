"""A server that others reach does not start in a way that gives it away, and says what to change."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from label_studio_server.cli.manage import NOWHERE
from label_studio_server.settings.refusals import refuse_unsafe

SAFE = {
    "external_url": "https://label.example.org",
    "debug": False,
    "allowed_hosts": ["label.example.org"],
    "secret_key": "0123456789abcdef0123456789abcdef",
}


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("debug", True, "DEBUG"),
        ("allowed_hosts", ["localhost", "*"], "ALLOWED_HOSTS=label.example.org"),
        ("secret_key", "", "SECRET_KEY"),
        ("secret_key", "changeme", "SECRET_KEY"),
        ("secret_key", "django-insecure-0123456789abcdef0123456789abcdef", "SECRET_KEY"),
    ],
    ids=["debug", "any-host", "no-key", "short-key", "sample-key"],
)
def test_a_public_server_is_refused_with_what_to_change(setting: str, value: object, said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        refuse_unsafe(**{**SAFE, setting: value})  # type: ignore[arg-type]


def test_a_public_server_with_safe_settings_starts() -> None:
    refuse_unsafe(**SAFE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address", ["", "http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"]
)
def test_a_private_server_may_be_debugged(address: str) -> None:
    refuse_unsafe(external_url=address, debug=True, allowed_hosts=["*"], secret_key="short")


def test_the_web_process_ends_with_one_plain_line() -> None:
    environment = {
        **os.environ, **NOWHERE, "LABEL_STUDIO_HOST": "https://label.example.org", "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "label_studio_server.settings.base",
    }  # fmt: skip

    done = subprocess.run(
        [sys.executable, "-c", "import label_studio_server.wsgi"],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        "label-studio: The server does not start at https://label.example.org. DEBUG shows"
    )
