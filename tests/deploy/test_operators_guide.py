"""The operators' guide lists every knob there is."""

from __future__ import annotations

import re

import pytest

from tests.deploy.containers import ROOT

READERS = {
    "label_studio_server/settings/base.py": r"env\.\w+\(\s*\"([A-Z_]+)\"",
    "label_studio_server/gunicorn_conf.py": r"environ\.get\(\"([A-Z_]+)\"",
    "deploy/docker-entrypoint.sh": r"\$\{([A-Z_]+):?-",
}

SET_BY_THE_SUPERVISOR = {"LABEL_STUDIO_START_GATE"}


def documented() -> set[str]:
    text = "".join((ROOT / path).read_text() for path in ("docs/operators.md", "deploy/README.md"))
    return set(re.findall(r"`([A-Z_]+)`", text))


@pytest.mark.parametrize("path", READERS)
def test_every_variable_that_is_read_is_in_the_guide(path: str) -> None:
    read = set(re.findall(READERS[path], (ROOT / path).read_text()))

    assert read
    assert read - SET_BY_THE_SUPERVISOR <= documented()
